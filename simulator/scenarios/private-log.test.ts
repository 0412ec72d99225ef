// What people dial, say and press, and every secret, planted wherever it can come in: none of it is in the log, and none in telemetry.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { placedCallSchema } from '../../shared/api.ts';
import type { CallId } from '../../shared/call/call.ts';
import { AppError } from '../../shared/errors.ts';
import { createLogger, type Logger } from '../../shared/logger.ts';
import { MediaTokens } from '../../shared/media-token.ts';
import { interceptStore } from '../../shared/stores/intercepted-store.ts';
import { createMemoryStores } from '../../shared/stores/memory-stores.ts';
import type { Stores } from '../../shared/stores/stores.ts';
import { watchStores } from '../../shared/stores/watched-stores.ts';
import { emitLogRecord } from '../../shared/telemetry/log-records.ts';
import { createPerson } from '../caller/person.ts';
import { createTonePhone } from '../caller/tone-phone.ts';
import { startProductHere } from '../world/product.ts';
import type { World } from '../world/world.ts';
import { ringAs } from './inbound-call.ts';
import { startScenarioWorldWith } from './scenario-world.ts';

const apiKey = 'planted-api-key-0001';
const mediaSecret = 'planted-media-secret-of-thirty-two-characters';
/** As somebody would write it, and as a service may give it back. */
const numbers = ['+15550163801', '+15550163802', '+15550163803', '+15550163804'] as const;
const [caller, callee, refused, mentioned] = numbers;
const question = 'What are your opening hours?';
/** Nowhere else in what the product or the stand-ins say of themselves. */
const words = 'planted marmalade';

const plants: Readonly<Record<string, string | RegExp>> = {
  'a number': /5550163 ?80\d/,
  'words of the caller': 'opening hours',
  'words of the agent': 'nine to five',
  'a note': 'be called back',
  // An id of hexadecimal digits may hold them too.
  'keys that were pressed': /"[^"]*(?<![\da-f-])4711(?![\da-f-])[^"]*"/,
  'what a service says': words,
  'the key of the API': apiKey,
  'the secret of media tokens': mediaSecret,
  'a media token': /eyJ[\w-]+\.[\w-]+/,
};

/** Everything that may go wrong in the hands of others says what it should not. */
async function live(world: World, troubles: StoreTroubles | undefined): Promise<void> {
  const { acs, twilio, realtime } = world.standIns;
  Object.assign(realtime.faults, { errorEvents: true, errorText: `${words} ${mentioned}`, unknownEvents: true });
  const inbound = await ringAs(world, caller, [
    { wait: 'agent-finished' },
    { say: question },
    { wait: 'agent-finished' },
    { press: '4711' },
    { wait: 'agent-finished' },
    { say: 'Please call me back.' },
    { wait: 'agent-finished' },
    { hangUp: true },
  ]);
  assert.equal((await inbound.done).outcome, 'finished');
  Object.assign(realtime.faults, { errorEvents: false, unknownEvents: false });

  const message = `The number ${mentioned} and ${words} at wss://bridge/media/acs/x/${await signToken('x')}.`;
  for (const [carrier, { faults, phones }] of Object.entries({ acs, twilio })) {
    phones.set(callee, { kind: 'answers', afterMs: 200, phone: createTonePhone({ hz: 400 }) });
    const order = { to: callee, carrier, context: { name: words }, idempotency_key: `${words} ${carrier}` };
    const placed = await world.ask('/api/call', order);
    assert.equal(placed.status, 201);
    const { call_id } = placedCallSchema.parse(await placed.json());
    assert.equal((await world.ask('/api/call', { ...order, to: refused })).status, 400);
    await world.ask(`/api/calls/${call_id}/hang-up`, {});
    for (const status of [400, 503]) {
      faults.rest.add({ operation: 'createCall', times: 3, instead: { status, code: '+15550163804', message } });
      assert.equal((await world.ask('/api/call', { to: callee, carrier })).status, 502);
      faults.rest.clear();
    }
  }
  await speakWithCascade(world);
  await failByModel(world, undefined);
  if (troubles) {
    await failByModel(world, 'voice-live');
    await failStores(world, troubles);
  }
  await claimAtTwilio(world);
  await loseEnds(world, message);
  for (const body of [
    { to: '+442079460000', context: { name: words } },
    { to: `${mentioned};ext=5` },
    { to: callee, agent: `${words} ${mentioned}` },
    { to: callee, [words]: mentioned },
    { to: [mentioned] },
  ])
    await world.ask('/api/call', body);
  await world.ask(`/api/calls/${mentioned.slice(1)}`);
  await tellOfEvents(world);
  await intrude(world);
}

/** Speech is recognised, answered by a chat whose stream breaks, and asked for once more. */
async function speakWithCascade(world: World): Promise<void> {
  const { acs, chat, voice } = world.standIns;
  const script = [{ wait: 'agent-finished' }, { say: question }, { wait: 'agent-finished' }, { hangUp: true }] as const;
  const phone = await createPerson({ script, speak: (text) => voice.speak(text) });
  acs.phones.set(callee, { kind: 'answers', afterMs: 200, phone });
  chat.faults.next.push(undefined, { kind: 'status', status: 500 }, { kind: 'broken', afterTokens: 2 });
  assert.equal((await world.ask('/api/call', { to: callee, model: 'cascade' })).status, 201);
  await phone.done;
}

/** Models that refuse, break off and fail, in their own words. */
async function failByModel(world: World, model: 'voice-live' | undefined): Promise<void> {
  const { acs, realtime, speech, chat } = world.standIns;
  const troubles: (() => void)[] = [
    () =>
      Object.assign(realtime.faults, { errorText: `${words} ${mentioned}`, failResponses: 2, failTranscription: true }),
    () => Object.assign(realtime.faults, { refuseUpgrade: { status: 500, times: 9 }, breakResponses: 2 }),
    () => Object.assign(speech.faults, { refuse: 401 }),
    () => chat.faults.next.push({ kind: 'status', status: 400, code: `${words} ${mentioned}` }),
  ];
  for (const cause of troubles) {
    cause();
    const phone = createTonePhone({ hz: 400, level: 0 });
    if (model === undefined) acs.ring({ from: mentioned, phone });
    else {
      acs.phones.set(callee, { kind: 'answers', afterMs: 200, phone });
      assert.equal((await world.ask('/api/call', { to: callee, model })).status, 201);
    }
    await Promise.race([phone.closed, sleep(15_000)]);
    if (!phone.isLineClosed) phone.hangUp();
  }
  Object.assign(realtime.faults, { failResponses: 0, failTranscription: false, refuseUpgrade: undefined });
  Object.assign(speech.faults, { refuse: undefined });
}

/** What the stores throw in place of doing what they are asked to. */
interface StoreTroubles {
  live: (() => Error) | undefined;
  history: (() => Error) | undefined;
}

function createTroubledStores(troubles: StoreTroubles, log: Logger): Stores {
  const stores = createMemoryStores();
  const trouble = <Store extends object>(store: Store, of: keyof StoreTroubles) =>
    interceptStore(store, async (_kind, request) => {
      const error = troubles[of]?.();
      if (error) throw error;
      return request();
    });
  const troubled = {
    ...stores,
    stream: trouble(stores.stream, 'live'),
    leases: trouble(stores.leases, 'live'),
    dialCounts: trouble(stores.dialCounts, 'live'),
    bridgeLoads: trouble(stores.bridgeLoads, 'live'),
    history: trouble(stores.history, 'history'),
    close: () => stores.close(),
  };
  return watchStores(troubled, { live: 'Redis', history: 'Cosmos DB' }, log);
}

/** Each store is away, cannot hold what it is given, and breaks in its library, in words that hold what it was given. */
async function failStores(world: World, troubles: StoreTroubles): Promise<void> {
  const { acs, voice } = world.standIns;
  const cause = new Error(`${words} ${mentioned} ${JSON.stringify({ text: question })}`);
  const errors = [
    () => new AppError('STORE_UNAVAILABLE', { store: 'a store', problem: 'it is away' }, { cause }),
    () => new AppError('BODY_TOO_LARGE', { limitBytes: 1 }, { cause }),
    () => Object.assign(new TypeError(cause.message), { code: `${words} ${mentioned}` }),
  ];
  for (const store of ['live', 'history'] as const) {
    for (const error of errors) {
      const script = [
        { wait: 'agent-finished' },
        { say: 'Please call me back.' },
        { pauseMs: 8_000 },
        { hangUp: true },
      ] as const;
      const phone = await createPerson({ script, speak: (text) => voice.speak(text) });
      acs.ring({ from: mentioned, phone });
      await sleep(3_000);
      troubles[store] = error;
      for (const path of ['/healthz', '/api/calls', `/api/calls/${mentioned.slice(1)}`]) await world.ask(path);
      await world.ask('/api/call', { to: callee, context: { name: words } });
      assert.equal((await phone.done).outcome, 'finished');
      await sleep(2_000);
      troubles[store] = undefined;
      await sleep(4_000);
    }
  }
}

/** Web hooks and streams that Twilio signed, with nonsense in the place of ids and states. */
async function claimAtTwilio(world: World): Promise<void> {
  const { twilio } = world.standIns;
  const planted = `${words} ${mentioned}`;
  const ring = async () => {
    const phone = createTonePhone({ hz: 400, level: 0 });
    twilio.ring({ from: mentioned, to: [...twilio.numbers.keys()][0]!, phone });
    await Promise.race([phone.closed, sleep(5_000)]);
    if (!phone.isLineClosed) phone.hangUp();
    await sleep(1_000);
  };
  for (const name of ['AccountSid', 'CallSid', 'CallStatus', 'To', 'SipResponseCode']) {
    twilio.faults.webhooks.claim = { [name]: planted };
    await ring();
  }
  twilio.faults.webhooks.claim = {};
  for (const name of ['accountSid', 'callSid', 'streamSid']) {
    twilio.faults.media.claim = { [name]: planted };
    await ring();
  }
  twilio.faults.media.claim = {};
}

/** Nobody tells of the end of two calls, and whoever asks for it is answered with a sentence. */
async function loseEnds(world: World, message: string): Promise<void> {
  const { acs, twilio } = world.standIns;
  acs.faults.callbacks.drop = (type) => type === 'CallDisconnected';
  twilio.faults.webhooks.drop = (status) => status === 'completed';
  const phones = [createTonePhone({ hz: 400, level: 0 }), createTonePhone({ hz: 500, level: 0 })] as const;
  acs.ring({ from: mentioned, phone: phones[0] });
  twilio.ring({ from: mentioned, to: [...twilio.numbers.keys()][0]!, phone: phones[1] });
  await sleep(5_000);
  const instead = { status: 503, code: mentioned, message };
  const operations = [
    [acs, 'getCallConnectionProperties'],
    [twilio, 'fetchCall'],
  ] as const;
  for (const [{ faults }, operation] of operations) faults.rest.add({ operation, instead, times: 6 });
  for (const phone of phones) phone.hangUp();
  await sleep(150_000);
  for (const { faults } of [acs, twilio]) faults.rest.clear();
  acs.faults.callbacks.drop = twilio.faults.webhooks.drop = () => false;
}

/** By Event Grid, and by the hook that takes both schemas. */
async function tellOfEvents(world: World): Promise<void> {
  const event = (eventType: string, data: object) => ({
    id: `${words} ${mentioned}`,
    eventType,
    subject: mentioned,
    eventTime: new Date().toISOString(),
    dataVersion: '1.0',
    data,
  });
  for (const told of [
    event(`${words} ${mentioned}`, {}),
    event('Microsoft.Communication.IncomingCall', { from: mentioned }),
    { [words]: mentioned },
  ]) {
    await world.ask('/api/incomingCall', [told]);
    await fetch(`${world.product.functionsUrl}/runtime/webhooks/eventgrid?functionName=incomingCall&code=${apiKey}`, {
      method: 'POST',
      headers: { 'aeg-event-type': 'Notification', 'content-type': 'application/json' },
      body: JSON.stringify([told]),
    });
  }
}

function signToken(callId: string): Promise<string> {
  const ticket = { callId: callId as CallId, carrier: 'acs', direction: 'inbound', agent: 'receptionist' } as const;
  return new MediaTokens(mediaSecret).sign(ticket);
}

/** At the bridge: with tokens that are none, and with a good one and nonsense after it. */
async function intrude(world: World): Promise<void> {
  const url = world.product.bridgeUrl.replace(/^http/, 'ws');
  const open = (path: string) => {
    const headers = { authorization: `Bearer ${words}`, 'x-ms-call-connection-id': `${words} ${mentioned}` };
    const socket = new WebSocket(`${url}${path}`, { headers });
    socket.on('error', () => {});
    return socket;
  };
  const closed = (socket: WebSocket) => new Promise((resolve) => socket.once('close', resolve));
  for (const path of [
    `/media/acs/call-1/${encodeURIComponent(words)}`,
    `/media/acs/${mentioned.slice(1)}/${await signToken('another-call')}`,
    `/ws/media/${mentioned.slice(1)}`,
    `/ws/events?code=${encodeURIComponent(words)}`,
    `/${encodeURIComponent(`${words} ${mentioned}`)}`,
  ])
    await closed(open(path));

  const socket = open(`/media/acs/call-9/${await signToken('call-9')}`);
  await once(socket, 'open');
  const planted = `${words} ${mentioned}`;
  for (const message of [
    planted,
    { kind: planted },
    { kind: 'AudioMetadata', audioMetadata: { encoding: planted, sampleRate: 1, channels: 1 } },
  ])
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  await sleep(500);
  socket.terminate();
}

async function logOf(t: TestContext, showPii: boolean): Promise<string> {
  const lines: string[] = [];
  // Past the log, as a library may write.
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream) as (...written: unknown[]) => boolean;
    t.mock.method(stream, 'write', (...written: unknown[]) => {
      lines.push(String(written[0]));
      return write(...written);
    });
  }
  const destination = { write: (line: string) => void lines.push(line) };
  // What is told of calls to Application Insights is a log too.
  const log = createLogger({ level: 'trace', showPii, service: 'parley', destination, onLine: emitLogRecord });
  const settings = { API_KEY: apiKey, MEDIA_TOKEN_SECRET: mediaSecret, ACS_RESOURCE_ID: '' };
  const troubles: StoreTroubles = { live: undefined, history: undefined };
  const stores = createTroubledStores(troubles, log);
  const world = await startScenarioWorldWith({ log, settings, telemetry: {} }, (wanted, given) =>
    startProductHere(wanted, { ...given, stores }),
  );
  t.after(() => world.stop());
  // What may be shown is the same everywhere: the finest search is made once.
  await live(world, showPii ? undefined : troubles);
  await world.product.stop();
  const { envelopes, refused } = world.standIns.ingestion!;
  assert.deepEqual(refused, []);
  assert.ok(envelopes.length > 400, `${envelopes.length} envelopes`);
  return [...lines, ...envelopes.map((envelope) => `${JSON.stringify(envelope)}\n`)].join('');
}

describe('the log', () => {
  it('holds nothing of what people say or dial, and no secret, at its finest level', async (t) => {
    // What time it is may look like anything.
    const log = (await logOf(t, false)).replaceAll(/"time":\d+/g, '"time":0');
    for (const [what, plant] of Object.entries(plants)) {
      const found = log
        .split('\n')
        .filter((line) => (typeof plant === 'string' ? line.includes(plant) : plant.test(line)));
      assert.deepEqual(found, [], what);
    }
    for (const told of [
      'call placed',
      'the service reports an error',
      'dialling refused',
      'ACS sent an unknown kind',
      'request failed',
      'a reply failed',
      'a voice model could not be opened',
      'a call could not be reconciled: the next round tries again',
      'a call is over and nobody had told us',
      'a store is unavailable',
      'an event cannot be stored',
      'a call cannot be kept in the history',
    ])
      assert.ok(log.includes(told), `the log does not tell: ${told}`);
  });

  it('holds what services say and who was not dialled where that may be shown, and no secret even then', async (t) => {
    const log = await logOf(t, true);
    assert.match(log, /5550163804/);
    assert.ok(log.includes(words));
    for (const secret of [apiKey, mediaSecret]) assert.ok(!log.includes(secret), secret);
  });
});
