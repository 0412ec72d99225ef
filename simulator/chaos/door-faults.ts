// What comes to the doors of the product and is no message that anybody meant: of carriers, of models, and of whoever asks the API.
import { WebSocket } from 'ws';
import type { PhoneCarrier } from '../../shared/call/call.ts';
import type { SeededRandom } from '../virtual-time/seeded-random.ts';
import { type ChaosWorld, type Faults, type Strike, type Struck, turn } from './fault.ts';
import { mutate } from './mutate.ts';

/** Of what comes fifty times a second, of what a model says, and of what is told a few times in a call. */
const shares = { media: 0.01, model: 0.05, told: 0.4 } as const;
const nonsensePerSecond = 4;
/** More would be one more outage. */
const maxNonsense = 60;
const internalError = 500;

interface Alterable {
  alter(text: string): string;
}

function spoil(doors: readonly (readonly [Alterable, number])[], random: SeededRandom): Pick<Struck, 'undo'> {
  const spoilt = doors.map(([door, share]) => {
    const own = random.fork();
    return turn(door, { alter: (text) => (own.chance(share) ? mutate(text, own) : text) });
  });
  return {
    undo() {
      for (const { undo } of spoilt) undo?.();
    },
  };
}

const ofCarrier: Readonly<Record<PhoneCarrier, (world: ChaosWorld) => readonly (readonly [Alterable, number])[]>> = {
  acs: ({ standIns: { acs } }) => [
    [acs.faults.media, shares.media],
    [acs.faults.callbacks, shares.told],
    [acs.eventGrid.faults, shares.told],
  ],
  twilio: ({ standIns: { twilio } }) => [
    [twilio.faults.media, shares.media],
    [twilio.faults.webhooks, shares.told],
  ],
};

const samples: readonly (readonly [path: string, body: object])[] = [
  [
    '/api/call',
    { to: '+15550199', agent: 'receptionist', model: 'cascade', context: { order: 12 }, idempotency_key: 'a' },
  ],
  [
    '/api/initiateOutboundCall',
    { phone_number: '+15550198', candidate_name: 'Ann', job_role: 'carpenter', rate: '34' },
  ],
  ['/api/talk', { agent: 'receptionist', model: 'gpt-realtime', context: {} }],
  ['/api/talk/hang-up', { protocols: ['parley', 'parley.ticket.a'] }],
  ['/api/session', { agent: 'receptionist', voice: 'marin' }],
  ['/api/function-call', { name: 'take_note', call_id: 'call-1', arguments: { text: 'a note' } }],
  ['/api/callers/forget', { number: '+15550197' }],
  [
    '/api/callbacks',
    { id: '1', type: 'Microsoft.Communication.IncomingCall', source: 'a', specversion: '1.0', data: {} },
  ],
  ['/api/callbacks/in-1', { id: '1', type: 'Microsoft.Communication.CallConnected', data: { callConnectionId: 'a' } }],
  ['/api/calls/in-1/hang-up', {}],
  ['/api/calls/in-1/transfer', { target: 'sales' }],
  ['/twilio/voice', { CallSid: 'CA1', From: '+15550196', To: '+15550150' }],
  ['/twilio/status', { CallSid: 'CA1', CallStatus: 'completed' }],
];

/** Whoever asks without sense is told so, and nothing breaks. */
const nonsense: Strike = ({ product }, random) => {
  const problems: string[] = [];
  let asked = 0;
  const ask = async () => {
    const [path, body] = random.pick(samples);
    const text = mutate(JSON.stringify(body), random);
    const headers = { 'content-type': random.chance(0.9) ? 'application/json' : 'application/x-www-form-urlencoded' };
    const answer = await fetch(`${product.functionsUrl}${path}`, { method: 'POST', headers, body: text }).catch(
      () => {},
    );
    await answer?.text().catch(() => {});
    if (answer?.status === internalError) problems.push(`${path} breaks by ${text.slice(0, 300)}`);
  };
  const timer = setInterval(() => {
    if (asked++ < maxNonsense) void ask();
  }, 1_000 / nonsensePerSecond);
  return { problems, undo: () => clearInterval(timer) };
};

const mediaSockets: readonly ((callId: string, token: string) => string)[] = [
  (callId, token) => `/media/acs/${callId}/${token}`,
  (callId) => `/ws/media/${callId}`,
  (callId) => `/media/web/${callId}`,
  (callId) => `/ws/events/${callId}`,
];
const strangerSays = [
  '{"kind":"AudioMetadata","audioMetadata":{"subscriptionId":"1","encoding":"PCM","sampleRate":16000,"channels":1}}',
  '{"event":"connected","protocol":"Call","version":"1.0.0"}',
  '{"event":"start","sequenceNumber":"1","streamSid":"MZ1","start":{"streamSid":"MZ1","callSid":"CA1","customParameters":{"token":"a.b.c"}}}',
  '{"type":"hang-up"}',
] as const;
/** Calls that may be going on: whoever has seen a log knows their ids, and has no ticket. */
const knownCalls = 20;

/** Whoever has no ticket of ours is told nothing, whatever he says and of whichever call. */
const strangers: Strike = ({ product }, random) => {
  const problems: string[] = [];
  const open = new Set<WebSocket>();
  let asked = 0;
  const knock = async () => {
    const callIds = await product.stores.stream.recentCallIds(knownCalls);
    const token = mutate('{"alg":"HS256","sub":"in-1"}', random).toWellFormed().slice(0, 1_000);
    const path = random.pick(mediaSockets)(random.pick(['in-1', ...callIds]), encodeURIComponent(token));
    const socket = new WebSocket(product.bridgeUrl.replace(/^http/, 'ws') + path, ['parley', 'parley.ticket.a.b.c']);
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    socket.on('message', (data) => problems.push(`${path} tells a stranger ${String(data).slice(0, 100)}`));
    socket.on('open', () => {
      for (const text of strangerSays) socket.send(mutate(text, random));
    });
  };
  const timer = setInterval(() => {
    if (asked++ < maxNonsense) void knock();
  }, 1_000 / nonsensePerSecond);
  return {
    problems,
    undo() {
      clearInterval(timer);
      for (const socket of open) socket.terminate();
    },
  };
};

export const doorFaults: Faults = {
  'messages of acs mutated': (world, random) => ({
    ...spoil(ofCarrier.acs(world), random),
    spoils: { carrier: 'acs' },
  }),
  'messages of twilio mutated': (world, random) => ({
    ...spoil(ofCarrier.twilio(world), random),
    spoils: { carrier: 'twilio' },
  }),
  'events of realtime models mutated': (world, random) => ({
    ...spoil([[world.standIns.realtime.faults, shares.model]], random),
    spoils: { models: ['gpt-realtime', 'voice-live'] },
  }),
  // What is kept of a call may come from a model that is asked after it: whoever it was.
  'answers of chat mutated': (world, random) => ({
    ...spoil([[world.standIns.chat.faults, shares.model]], random),
    spoils: { models: ['cascade'] },
  }),
  'messages of Speech mutated': (world, random) => ({
    ...spoil([[world.standIns.speech.faults, shares.model]], random),
    spoils: { models: ['cascade'] },
  }),
  'messages of pages mutated': (world, random) => ({
    ...spoil([[world.pageFaults, shares.media]], random),
    spoils: { carrier: 'web' },
  }),
  'nonsense for the API': nonsense,
  'strangers at the media sockets': strangers,
};
