// Calls through the Twilio stand-in and the real functions app, up to the audio at the bridge's door.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { registerApp } from '../../functions/app.ts';
import { createServices } from '../../functions/services.ts';
import type { MediaTransportEvent } from '../../media-bridge/transports/media-transport.ts';
import { openTwilioTransport, type TwilioTransport } from '../../media-bridge/transports/twilio-transport.ts';
import type { CallId } from '../../shared/call/call.ts';
import { readConfig } from '../../shared/config.ts';
import { silentLogger } from '../../shared/logger.ts';
import { type MediaTicket, MediaTokens } from '../../shared/media-token.ts';
import { CallLedger } from '../../shared/stores/call-ledger.ts';
import { MemoryCallHistory } from '../../shared/stores/memory-call-history.ts';
import { MemoryCallStream } from '../../shared/stores/memory-call-stream.ts';
import { createMemoryStores } from '../../shared/stores/memory-stores.ts';
import { createCallControls } from '../../shared/telephony/call-controls.ts';
import { isSignedByTwilio } from '../../shared/telephony/twilio-signature.ts';
import { createTonePhone } from '../caller/tone-phone.ts';
import { startFunctionsHost } from '../functions-host/functions-host.ts';
import { startTwilio } from './twilio.ts';

const authToken = 'example-auth-token';
const accountSid = 'AC000000000000000000000000000000a1';
const line = '+15550199';
const phoneNumber = '+15550100';

const waiting = new Set<() => void>();
const wake = () => {
  for (const check of waiting) check();
};
const until = (reached: () => boolean) =>
  new Promise<void>((resolve) => {
    const check = () => {
      if (!reached()) return;
      waiting.delete(check);
      resolve();
    };
    waiting.add(check);
    check();
  });

const stream = new MemoryCallStream();
const ledger = new CallLedger(stream, new MemoryCallHistory());
const seen: string[] = [];
stream.subscribe('all', (event) => {
  seen.push(`${event.callId} ${event.type}`);
  wake();
});

/** The bridge as far as its door. */
const tokens = new MediaTokens('an example secret of thirty-two characters');
const legs: { transport: TwilioTransport; ticket: MediaTicket; path: string; events: MediaTransportEvent[] }[] = [];
const door = createServer();
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
door.on('upgrade', (request, socket, head) => {
  const path = request.url!;
  const signature = request.headers['x-twilio-signature'];
  assert.ok(isSignedByTwilio({ authToken, publicUrl: 'wss://bridge.example', path, signature: String(signature) }));
  sockets.handleUpgrade(request, socket, head, async (ws) => {
    const { transport, ticket } = await openTwilioTransport(ws, ({ parameters }) =>
      tokens.verify(parameters.token ?? ''),
    );
    const events: MediaTransportEvent[] = [];
    legs.push({ transport, ticket, path, events });
    transport.listen((event) => {
      events.push(event);
      wake();
    });
    wake();
  });
});
door.listen(0, '127.0.0.1');
await once(door, 'listening');

const stand = await startTwilio({
  accountSid,
  authToken,
  numbers: new Map([
    [
      line,
      {
        voiceUrl: 'https://functions.example/twilio/voice',
        statusCallback: 'https://functions.example/twilio/status',
      },
    ],
  ]),
  origins: {
    get 'https://functions.example'() {
      return host.url;
    },
    'wss://bridge.example': `ws://127.0.0.1:${(door.address() as AddressInfo).port}`,
  },
  callsPerSecond: 100,
  timeScale: 0.01,
});
const config = readConfig({
  PUBLIC_URL: 'https://functions.example',
  BRIDGE_URL: 'wss://bridge.example',
  MEDIA_TOKEN_SECRET: 'an example secret of thirty-two characters',
  TWILIO_ACCOUNT_SID: accountSid,
  TWILIO_AUTH_TOKEN: authToken,
  TWILIO_PHONE_NUMBER: line,
  TWILIO_API_URL: stand.url,
  AGENTS_FOLDER: fileURLToPath(new URL('../../agents', import.meta.url)),
});
const stores = { ...createMemoryStores(), stream };
const controls = createCallControls(config);
const control = controls.get('twilio')!;
const services = await createServices(config, { stores, log: silentLogger, controls });
const host = await startFunctionsHost({ port: 0, apiKey: 'key-of-this-test-0001', app: () => registerApp(services) });

afterEach(() => {
  stand.phones.clear();
  legs.length = 0;
});
after(async () => {
  await stand.stop();
  await host.stop();
  for (const client of sockets.clients) client.terminate();
  door.closeAllConnections();
  door.close();
});

const isHeard = (leg: (typeof legs)[number] | undefined) =>
  leg?.events.some((event) => event.type === 'audio') === true;
const happened = (callId: string, type: string) => until(() => seen.includes(`${callId} ${type}`));
const facts = async (callId: string) => (await stream.read(callId as CallId)).map(({ type }) => type);
const end = async (callId: string) => {
  await happened(callId, 'call-ended');
  const state = await ledger.find(callId as CallId);
  return [state?.phase, state?.endReason];
};

async function dial(callId: CallId) {
  const created = {
    type: 'call-created',
    carrier: 'twilio',
    direction: 'outbound',
    remoteParty: phoneNumber,
    ourNumber: line,
    agent: 'receptionist',
  } as const;
  await ledger.record(callId, created);
  const sid = await control.dial({ callId, to: phoneNumber, from: line, callbackUrl: '', mediaUrl: '' });
  return { sid, call: stand.calls.find((call) => call.sid === sid)! };
}

describe('a call through Twilio', () => {
  it('comes in, is heard by the bridge, and ends when the caller hangs up', async () => {
    const phone = createTonePhone({ hz: 440 });
    stand.ring({ from: phoneNumber, to: line, phone });
    await until(() => isHeard(legs[0]));
    const { ticket, path, transport } = legs[0]!;
    assert.equal(path, `/ws/media/${ticket.callId}`);
    assert.deepEqual([ticket.direction, ticket.agent], ['inbound', 'receptionist']);
    transport.sendAudio(Buffer.alloc(800, 0x21));
    await until(() => legs[0]!.events.some((event) => event.type === 'played-out'));
    phone.hangUp();
    assert.deepEqual(await end(ticket.callId), ['ended', 'caller-hung-up']);
    assert.deepEqual(await facts(ticket.callId), ['call-created', 'carrier-accepted', 'call-connected', 'call-ended']);
  });

  it('goes out and is hung up by REST, which is no fault of the stream', async () => {
    stand.phones.set(phoneNumber, { kind: 'answers', afterMs: 500, phone: createTonePhone({ hz: 440 }) });
    const callId = 'out-1' as CallId;
    const warningsBefore = stand.warnings.length;
    const { sid } = await dial(callId);
    await until(() => isHeard(legs[0]));
    await ledger.record(callId, { type: 'hang-up-requested', by: 'agent', reason: 'agent-hung-up' });
    await control.hangUp(sid);
    assert.deepEqual(await end(callId), ['ended', 'agent-hung-up']);
    await until(() => legs[0]!.events.at(-1)?.type === 'closed');
    assert.deepEqual(legs[0]!.events.at(-1), { type: 'closed', clean: true, code: 1000 });
    await assert.rejects(control.hangUp(sid), { code: 'CALL_GONE' });
    assert.equal(stand.warnings.length, warningsBefore);
  });

  it('ends once and right when its statuses come twice and out of order', async () => {
    stand.faults.webhooks.reorder = true;
    stand.faults.webhooks.duplicate = true;
    try {
      stand.phones.set(phoneNumber, { kind: 'declines' });
      const callId = 'out-2' as CallId;
      const { call } = await dial(callId);
      await call.ended;
      await call.callbacksSettled;
      assert.deepEqual(await end(callId), ['ended', 'declined']);
      assert.equal((await facts(callId)).filter((type) => type === 'call-ended').length, 1);
    } finally {
      stand.faults.webhooks.reorder = false;
      stand.faults.webhooks.duplicate = false;
    }
  });

  it('goes on with the same agent when its media socket is lost', async () => {
    const phone = createTonePhone({ hz: 440 });
    const call = stand.ring({ from: phoneNumber, to: line, phone });
    await until(() => isHeard(legs[0]));
    call.dropMedia();
    await until(() => isHeard(legs[1]));
    assert.equal(legs[1]!.ticket.callId, legs[0]!.ticket.callId);
    assert.deepEqual(call.said, ['One moment, please.']);
    phone.hangUp();
    await end(legs[0]!.ticket.callId);
  });

  it('comes back to the agent when nobody takes the transfer, and leaves it when somebody does', async () => {
    stand.phones.set(phoneNumber, { kind: 'answers', afterMs: 500, phone: createTonePhone({ hz: 440 }) });
    stand.phones.set('+15550111', { kind: 'busy' });
    const callId = 'out-3' as CallId;
    const { sid } = await dial(callId);
    await until(() => isHeard(legs[0]));
    await control.transfer({ callId, carrierCallId: sid }, '+15550111', line);
    await happened(callId, 'transfer-failed');
    await until(() => isHeard(legs[1]));
    assert.equal(legs[1]!.ticket.callId, callId);
    assert.equal((await ledger.find(callId))?.phase, 'active');

    const operator = createTonePhone({ hz: 500 });
    stand.phones.set('+15550112', { kind: 'answers', afterMs: 500, phone: operator });
    await control.transfer({ callId, carrierCallId: sid }, '+15550112', line);
    await until(() => legs[1]!.events.at(-1)?.type === 'closed');
    while (!operator.heard.some((sample) => sample !== 0)) await new Promise((resolve) => setTimeout(resolve, 1));
    await until(() => seen.filter((text) => text === `${callId} transfer-started`).length === 2);
    assert.equal((await ledger.find(callId))?.phase, 'transferring');
    operator.hangUp();
    assert.deepEqual(await end(callId), ['ended', 'transferred']);
  });

  it('is over when the caller leaves while the other phone rings, and was no transfer', async () => {
    const caller = createTonePhone({ hz: 440 });
    stand.phones.set(phoneNumber, { kind: 'answers', afterMs: 500, phone: caller });
    stand.phones.set('+15550111', { kind: 'no-answer' });
    const callId = 'out-5' as CallId;
    const { sid } = await dial(callId);
    await until(() => isHeard(legs[0]));
    await control.transfer({ callId, carrierCallId: sid }, '+15550111', line);
    await happened(callId, 'transfer-started');
    caller.hangUp();
    assert.deepEqual(await end(callId), ['ended', 'caller-hung-up']);
  });

  it('presses keys and opens the stream again', async () => {
    stand.phones.set(phoneNumber, { kind: 'answers', afterMs: 500, phone: createTonePhone({ hz: 440 }) });
    const callId = 'out-4' as CallId;
    const { sid, call } = await dial(callId);
    await until(() => isHeard(legs[0]));
    await control.sendDigits({ callId, carrierCallId: sid }, '12#');
    await until(() => isHeard(legs[1]));
    assert.deepEqual([call.pressed, legs[1]!.ticket.callId], [['12#'], callId]);
    await control.restartMedia({ callId, carrierCallId: sid });
    await until(() => isHeard(legs[2]));
    assert.equal(legs[2]!.ticket.callId, callId);
  });

  it('does not believe a forged web hook', async () => {
    stand.faults.webhooks.forge = true;
    try {
      const call = stand.ring({ from: '+15550122', to: line, phone: createTonePhone({ hz: 440 }) });
      await call.ended;
      await call.callbacksSettled;
      assert.equal(stand.warnings.at(-1)?.detail, 'status callback answered 403');
      assert.equal(legs.length, 0);
    } finally {
      stand.faults.webhooks.forge = false;
    }
  });
});
