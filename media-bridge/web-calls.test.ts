// What becomes of a page's own session with the voice service when its call ends, goes elsewhere, or is nobody's for a while; and pages that come at once.
import '../simulator/virtual-time/install.ts';

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { CallId } from '../shared/call/call.ts';
import { type CallState, newCallState } from '../shared/call/call-state.ts';
import { readConfig } from '../shared/config.ts';
import { silentLogger } from '../shared/logger.ts';
import { MediaTokens } from '../shared/media-token.ts';
import { MemoryCallStream } from '../shared/stores/memory-call-stream.ts';
import { createMemoryStores } from '../shared/stores/memory-stores.ts';
import { feedProtocol, ticketPrefix } from '../shared/watch-ticket.ts';
import { startBridge } from './start.ts';
import { WebCalls } from './web-calls.ts';

const callId = 'in-1' as CallId;
const ours: Partial<CallState> = { phase: 'active', replica: 'bridge-1' };
const theirs: Partial<CallState> = { phase: 'active', replica: 'bridge-2' };
const nobodys: Partial<CallState> = { phase: 'active' };
const ended: Partial<CallState> = { phase: 'ended' };

/** What is told of the call, look by look and then as the last, after the page left its session; how often that is ended. */
const table: Readonly<Record<string, readonly [told: readonly Partial<CallState>[], hangUps: number]>> = {
  'is ended with the call': [[ended], 1],
  "is ended when the call goes on here by the page's socket": [[ours], 1],
  'stays when the call goes on at another bridge': [[theirs], 0],
  "is ended with a call that was nobody's at first": [[nobodys, nobodys, nobodys, ended], 1],
  'stays when another bridge has the call after a while': [[nobodys, nobodys, theirs], 0],
  'is ended after a minute in which nobody had the call': [[nobodys], 1],
};

for (const [what, [told, hangUps]] of Object.entries(table))
  it(`a session that its page left ${what}`, async () => {
    const states = told.map((state) => ({ ...newCallState(callId), ...state }));
    const hungUp: string[] = [];
    const calls = new WebCalls({
      replica: 'bridge-1',
      ledger: { findLive: async () => (states.length > 1 ? states.shift() : states[0]), post: async () => 'later' },
      leases: { acquire: async () => undefined },
      hangUpDirect: async (id) => hungUp.push(id) > 0,
      log: silentLogger,
    });
    calls.chooseWay(callId, 'rtc_1')!.end();
    await sleep(90_000);
    assert.deepEqual(
      hungUp,
      Array.from({ length: hangUps }, () => 'rtc_1'),
    );
  });

it('opens calls that come at once one after the other', async (t) => {
  const secret = 'a-secret-of-thirty-two-characters-or-more';
  const foundAtMs = new Map<CallId, number>();
  const stream = new (class extends MemoryCallStream {
    override readOn(...args: Parameters<MemoryCallStream['readOn']>) {
      if (!foundAtMs.has(args[0])) foundAtMs.set(args[0], performance.now());
      return super.readOn(...args);
    }
  })();
  const models = { AZURE_OPENAI_ENDPOINT: 'http://127.0.0.1:9', AZURE_OPENAI_API_KEY: 'key' };
  const config = readConfig({ PORT: '0', MEDIA_TOKEN_SECRET: secret, ...models });
  const bridge = await startBridge(config, { stores: { ...createMemoryStores(), stream }, log: silentLogger });
  t.after(() => bridge.stop());
  const callIds = ['web-1', 'web-2', 'web-3'] as CallId[];
  const ticket = { carrier: 'web', direction: 'inbound', agent: 'receptionist' } as const;
  const tokens = await Promise.all(callIds.map((callId) => new MediaTokens(secret).sign({ ...ticket, callId })));
  const sockets = tokens.map(
    (token, index) =>
      new WebSocket(`${bridge.url.replace('http', 'ws')}/media/web/${callIds[index]}`, [
        feedProtocol,
        ticketPrefix + token,
      ]),
  );
  t.after(() => {
    for (const socket of sockets) socket.terminate();
  });
  await Promise.all(sockets.map((socket) => once(socket, 'open')));
  const [firstMs = 0, ...later] = [...foundAtMs.values()];
  assert.deepEqual(
    later.map((atMs) => Math.round(atMs - firstMs)),
    [5, 10],
  );
});
