// Tests whole calls against the stand-in of ACS, which repeats, swaps, gathers and forges what it tells, and loses answers.
import '../../simulator/virtual-time/install.ts';

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { WebSocketServer } from 'ws';
import type { CallEvent, CallFact } from '../../shared/call/call-event.ts';
import { foldCallEvents } from '../../shared/call/call-state.ts';
import { readConfig } from '../../shared/config.ts';
import { silentLogger } from '../../shared/logger.ts';
import { MemoryCallStream } from '../../shared/stores/memory-call-stream.ts';
import { createMemoryStores } from '../../shared/stores/memory-stores.ts';
import { type Acs, startAcs } from '../../simulator/acs/acs.ts';
import { createTonePhone } from '../../simulator/caller/tone-phone.ts';
import { type FunctionsHost, startFunctionsHost } from '../../simulator/functions-host/functions-host.ts';
import { findFreePort } from '../../simulator/world/free-port.ts';
import { registerApp } from '../app.ts';
import { createServices } from '../services.ts';
import { apiKey } from '../testing/test-app.ts';

let acs: Acs;
let host: FunctionsHost;
let bridge: WebSocketServer;
let stream: MemoryCallStream;

beforeEach(async () => {
  acs = await startAcs();
  bridge = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  bridge.on('connection', (socket) => socket.on('error', () => {}));
  await once(bridge, 'listening');
  const port = await findFreePort();
  const config = readConfig({
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    BRIDGE_URL: `ws://127.0.0.1:${(bridge.address() as AddressInfo).port}`,
    MEDIA_TOKEN_SECRET: 'an example secret of thirty-two characters',
    ACS_CONNECTION_STRING: acs.connectionString,
    ACS_PHONE_NUMBER: acs.phoneNumber,
    ACS_RESOURCE_ID: acs.resourceId,
    DIAL_ALLOWED_PREFIXES: '+1555',
  });
  stream = new MemoryCallStream();
  const stores = { ...createMemoryStores(), stream };
  const services = await createServices(config, { stores, log: silentLogger });
  host = await startFunctionsHost({ port, apiKey, app: () => registerApp(services) });
  const trigger = `${host.url}/runtime/webhooks/EventGrid?functionName=incomingCall&code=${apiKey}`;
  const hook = `${host.url}/api/incomingCall?code=${apiKey}`;
  await acs.eventGrid.subscribe({ url: trigger, schema: 'eventgrid', kind: 'functions-trigger' });
  await acs.eventGrid.subscribe({ url: hook, schema: 'cloudevents', kind: 'webhook' });
});
afterEach(async () => {
  await acs.stop();
  await host.stop();
  for (const client of bridge.clients) client.terminate();
  bridge.close();
});

async function next(type: CallFact['type']): Promise<CallEvent> {
  const { promise, resolve } = Promise.withResolvers<CallEvent>();
  const stop = stream.subscribe('all', (event) => {
    if (event.type === type) resolve(event as CallEvent);
  });
  for (const callId of await stream.recentCallIds(10)) {
    const told = (await stream.read(callId)).find((event) => event.type === type);
    if (told) resolve(told);
  }
  return promise.finally(stop);
}

async function dial(to: string): Promise<number> {
  const body = JSON.stringify({ to });
  const headers = { 'content-type': 'application/json', 'x-functions-key': apiKey };
  return (await fetch(`${host.url}/api/call`, { method: 'POST', body, headers })).status;
}

async function outcome({ callId }: CallEvent) {
  const { endReason, connectedAt } = foldCallEvents(callId, await stream.read(callId));
  return [endReason, connectedAt !== undefined];
}

describe('a call through an unruly carrier', () => {
  const troubles = {
    'repeats all': { duplicate: true },
    'swaps events': { reorder: true },
    'gathers events and repeats them': { batch: true, duplicate: true },
    'is slow': { delayMs: 2000 },
  };
  for (const [name, faults] of Object.entries(troubles)) {
    it(`is answered once and followed to its end when the carrier ${name}`, async () => {
      Object.assign(acs.faults.callbacks, faults);
      Object.assign(acs.eventGrid.faults, faults);
      const phone = createTonePhone({ hz: 400 });
      const ringing = acs.ring({ from: '+15550142', phone });
      await ringing.connected;
      await next('call-connected');
      phone.hangUp();
      assert.deepEqual(await outcome(await next('call-ended')), ['caller-hung-up', true]);
      const answers = acs.requests.filter(({ path }) => path.includes(':answer'));
      assert.equal(answers.length, 1);
    });
  }

  it('is answered once when the carrier loses its own answer', async () => {
    acs.faults.rest.add({ instead: { status: 503 }, carriedOut: true });
    const phone = createTonePhone({ hz: 400 });
    await acs.ring({ from: '+15550142', phone }).connected;
    await next('call-connected');
    phone.hangUp();
    assert.deepEqual(await outcome(await next('call-ended')), ['caller-hung-up', true]);
    assert.equal(acs.calls.length, 1);
  });

  it('ends for its own reason when nobody can be reached', async () => {
    acs.faults.callbacks.duplicate = true;
    acs.phones.set('+15550143', { kind: 'busy' });
    assert.equal(await dial('+15550143'), 201);
    assert.deepEqual(await outcome(await next('call-ended')), ['busy', false]);
  });

  it('is hung up when its media socket cannot be opened', async () => {
    acs.faults.media.refuse = true;
    acs.phones.set('+15550143', { kind: 'answers', afterMs: 100, phone: createTonePhone({ hz: 400 }) });
    assert.equal(await dial('+15550143'), 201);
    assert.deepEqual(await outcome(await next('call-ended')), ['media-lost', true]);
  });

  it('does not believe a forged callback', async () => {
    acs.faults.callbacks.forge = 'wrong-key';
    const phone = createTonePhone({ hz: 400 });
    const ringing = acs.ring({ from: '+15550142', phone });
    await ringing.connected;
    phone.hangUp();
    await ringing.ended;
    acs.faults.callbacks.forge = 'none';
    const [callId] = await stream.recentCallIds(1);
    const types = (await stream.read(callId!)).map(({ type }) => type);
    assert.deepEqual(types, ['call-created', 'carrier-accepted']);
  });
});
