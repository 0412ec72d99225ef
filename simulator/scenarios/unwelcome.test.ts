// At the bridge's door, over real sockets: who is refused and how, and that nothing a peer sends breaks more than its own call.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignJWT } from 'jose';
import WebSocket from 'ws';
import type { RunningBridge } from '../../media-bridge/server.ts';
import { startBridge } from '../../media-bridge/start.ts';
import type { CallId } from '../../shared/call/call.ts';
import { readConfig } from '../../shared/config.ts';
import { silentLogger } from '../../shared/logger.ts';
import { type MediaTicket, MediaTokens } from '../../shared/media-token.ts';
import { openStores } from '../../shared/stores/open-stores.ts';
import type { Stores } from '../../shared/stores/stores.ts';
import { createTone, levelDb } from '../voice/tone.ts';
import { type StandIns, startStandIns } from '../world/stand-ins.ts';
import { poll } from './carrier-leg.ts';

const apiKey = 'the key of the API';
let folder: string;
let standIns: StandIns;
let stores: Stores;
let tokens: MediaTokens;
/** Wants ACS's own token too, as in production; `bridge` does not, so that the test can be the carrier. */
let strictBridge: RunningBridge;
let bridge: RunningBridge;

/** Last opened, first closed; a start that fails half-way must not keep the process alive. */
const closing: (() => Promise<unknown>)[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-door-'));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  standIns = await startStandIns({ functionsUrl: 'http://127.0.0.1:9', bridgeUrl: 'http://127.0.0.1:9' });
  closing.push(() => standIns.stop());
  const settings = { ...standIns.settings, PORT: '0', DATA_FOLDER: folder, API_KEY: apiKey, MAX_CALLS: '2' };
  const log = silentLogger;
  const config = readConfig(settings);
  stores = await openStores(config, { log });
  closing.push(() => stores.close());
  tokens = new MediaTokens(config.MEDIA_TOKEN_SECRET!);
  strictBridge = await startBridge(config, { stores, log });
  closing.push(() => strictBridge.stop());
  bridge = await startBridge(readConfig({ ...settings, ACS_RESOURCE_ID: '' }), { stores, log });
  closing.push(() => bridge.stop());
});
after(async () => {
  for (const close of closing.toReversed()) await close();
});

const ticketFor = (callId: string): MediaTicket => ({
  callId: callId as CallId,
  carrier: 'acs',
  direction: 'inbound',
  agent: 'receptionist',
});
const pathOf = async (callId: string, ticket = ticketFor(callId)) =>
  `/media/acs/${callId}/${await tokens.sign(ticket)}`;

type Answer = { readonly status: number; readonly code: string } | { readonly socket: WebSocket };

function knock(path: string, headers: Record<string, string> = {}, at = bridge): Promise<Answer> {
  const socket = new WebSocket(`${at.url.replace(/^http/, 'ws')}${path}`, { headers });
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => resolve({ socket }));
    socket.on('unexpected-response', async (_request, response) => {
      let body = '';
      for await (const part of response) body += part;
      resolve({ status: response.statusCode!, code: JSON.parse(body).error.code });
    });
  });
}

async function enter(path: string, headers?: Record<string, string>): Promise<WebSocket> {
  const answer = await knock(path, headers);
  assert.ok('socket' in answer, JSON.stringify(answer));
  return answer.socket;
}

/** In order, as ACS does at the end of a call; resolves when the bridge has let go of it. */
async function leave(socket: WebSocket): Promise<void> {
  const calls = (await look('/healthz')).body.calls;
  socket.close(1000);
  await poll(
    () => look('/healthz'),
    ({ body }) => body.calls === calls - 1,
  );
}

async function look(path: string): Promise<{ status: number; body: { status: string; calls: number } }> {
  const response = await fetch(`${bridge.url}${path}`);
  return { status: response.status, body: (await response.json()) as { status: string; calls: number } };
}

const refused = (status: number, code: string) => ({ status, code });

describe('a media socket is refused', () => {
  it('without a token of ours, with an old one, or with that of another call or carrier', async () => {
    const secret = new TextEncoder().encode(standIns.settings.MEDIA_TOKEN_SECRET);
    const old = new SignJWT({ carrier: 'acs', direction: 'inbound', agent: 'receptionist' })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('call-1')
      .setAudience('parley-media')
      .setExpirationTime('-1m');
    const paths = [
      '/media/acs/call-1/nonsense',
      `/media/acs/call-1/${await new MediaTokens('x'.repeat(32)).sign(ticketFor('call-1'))}`,
      `/media/acs/call-1/${await old.sign(secret)}`,
      await pathOf('call-1', ticketFor('call-2')),
      await pathOf('call-1', { ...ticketFor('call-1'), carrier: 'twilio' }),
    ];
    for (const path of paths) assert.deepEqual(await knock(path), refused(401, 'UNAUTHENTICATED'), path);
  });

  it("without ACS's own token, where the resource is known", async () => {
    const path = await pathOf('call-1');
    assert.deepEqual(await knock(path, {}, strictBridge), refused(401, 'UNAUTHENTICATED'));
    const forged = { authorization: 'Bearer nonsense' };
    assert.deepEqual(await knock(path, forged, strictBridge), refused(401, 'UNAUTHENTICATED'));
  });

  it('when its call is over', async () => {
    const callId = 'call-over' as CallId;
    await stores.stream.append({ callId, id: 'end', at: 1, type: 'call-ended', reason: 'caller-hung-up' });
    assert.deepEqual(await knock(await pathOf('call-over')), refused(410, 'CALL_ENDED'));
  });

  it('when its call has one already, even with a good token', async () => {
    const first = await enter(await pathOf('call-1'));
    assert.deepEqual(await knock(await pathOf('call-1')), refused(409, 'CALL_IN_USE'));
    assert.equal(first.readyState, WebSocket.OPEN);
    await leave(first);
  });

  it('when the bridge is full, until it is no longer', async () => {
    const first = await enter(await pathOf('call-1'));
    const second = await enter(await pathOf('call-2'));
    assert.deepEqual(await look('/readyz'), { status: 503, body: { status: 'full', calls: 2 } });
    assert.deepEqual(await knock(await pathOf('call-3')), refused(503, 'BRIDGE_FULL'));
    await leave(first);
    assert.deepEqual(await look('/readyz'), { status: 200, body: { status: 'ready', calls: 1 } });
    const third = await enter(await pathOf('call-3'));
    await leave(second);
    await leave(third);
  });

  it('at any path that there is not', async () => {
    for (const path of ['/', '/media/acs/call-1', '/ws', '/ws/events/call-1/more', '/media/acs/../../etc/passwd'])
      assert.deepEqual(await knock(path), refused(404, 'CALL_NOT_FOUND'), path);
  });
});

it('shows the events of calls to those who have the key of the API', async () => {
  for (const path of ['/ws/events', '/ws/events/call-1']) {
    assert.deepEqual(await knock(path), refused(401, 'UNAUTHENTICATED'));
    assert.deepEqual(await knock(`${path}?code=the+key+of+another`), refused(401, 'UNAUTHENTICATED'));
    for (const socket of [
      await enter(path, { 'x-functions-key': apiKey }),
      await enter(`${path}?code=${encodeURIComponent(apiKey)}`),
    ])
      socket.terminate();
  }
});

describe('a peer that was let in', () => {
  it('may send what nobody understands, and is heard all the same', async () => {
    const opened = standIns.realtime.nextSession();
    const socket = await enter(await pathOf('call-4'));
    const { log } = await opened;
    const nonsense = [
      '',
      'not JSON',
      'null',
      '[]',
      '{}',
      '{"kind":7}',
      '{"kind":"Weather","weather":{}}',
      '{"kind":"AudioData"}',
      '{"kind":"AudioData","audioData":{"data":"%%%"}}',
      '{"kind":"AudioData","audioData":{"data":"AA=="}}',
      '{"kind":"DtmfData","dtmfData":{"data":"hello"}}',
      '{"kind":"__proto__","__proto__":{"data":1}}',
      '['.repeat(50_000),
      Buffer.from([0, 255, 1, 254]),
    ];
    await poll(
      async () => log.appends,
      (count) => count > 0,
    );
    for (const message of nonsense) socket.send(message);
    const tone = createTone(440, 20, 16000);
    const data = Buffer.from(tone.buffer).toString('base64');
    socket.send(JSON.stringify({ kind: 'AudioData', audioData: { data, silent: false } }));
    const level = await poll(
      async () => levelDb(log.audio.samples),
      (db) => db > -50,
    );
    assert.ok(level > -50, `${level} dB`);
    assert.equal(socket.readyState, WebSocket.OPEN);
    await leave(socket);
  });

  it('has its place for ten seconds when its socket is reset, and then leaves nothing behind', async () => {
    const opened = standIns.realtime.nextSession();
    const socket = await enter(await pathOf('call-6'));
    const { log } = await opened;
    await poll(
      async () => log.appends,
      (count) => count > 0,
    );
    (socket as unknown as { _socket: Socket })._socket.resetAndDestroy();
    const resetMs = performance.now();
    await sleep(9_000);
    assert.equal((await look('/healthz')).body.calls, 1);
    await poll(
      () => look('/healthz'),
      ({ body }) => body.calls === 0,
    );
    const heldMs = performance.now() - resetMs;
    assert.ok(heldMs > 9_900 && heldMs < 10_500, `${heldMs} ms`);
    // Whoever comes later finds the call as another replica would.
    await leave(await enter(await pathOf('call-6')));
  });

  it('is cut off for a message that no carrier sends, and the bridge goes on', async () => {
    const socket = await enter(await pathOf('call-5'));
    socket.send('x'.repeat(64 * 1024 + 1));
    const [code] = await once(socket, 'close');
    assert.equal(code, 1009);
    // Its call waits for the carrier to open another socket.
    await leave(await enter(await pathOf('call-5')));
    assert.equal((await look('/readyz')).status, 200);
  });
});
