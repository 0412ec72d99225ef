// Draws the plan of one world: so many random calls, and faults of the table while they go on. Pure: a seed gives one plan.
import { type Carrier, phoneCarriers, voiceModelKinds } from '../../shared/call/call.ts';
import type { PersonStep } from '../caller/person-script.ts';
import { SeededRandom } from '../virtual-time/seeded-random.ts';
import { wishes } from './chaos-agent.ts';
import type { CallPlan, DeskPlan, FaultPlan, WorldPlan } from './world-plan.ts';

export interface PlanOptions {
  readonly calls: number;
  /** Of the table. */
  readonly faultNames: readonly string[];
  /** From one call's start to the next one's, on average. */
  readonly startsEveryMs?: number;
  /** Calls of another plan in the same world came before: numbers are nobody's twice. */
  readonly after?: number;
  /** That a caller takes before the end. */
  readonly mostTurns?: number;
}

const usualStartsEveryMs = 40_000 / 12;
/** A conversation is longer than that on a good day only where people are silent for long. */
const callsLastMs = 35_000;
const usualMostTurns = 4;
const callsPerFault = 1.5;
/** Each has one desk to be handed over to, and a desk takes one call. */
const callsPerTransfer = 12;
const desks = [
  { carrier: 'acs', wish: wishes.warm },
  { carrier: 'twilio', wish: wishes.cold },
  { carrier: 'twilio', wish: wishes.warm },
  { carrier: 'acs', wish: wishes.cold },
] as const;

const questions = [
  'What are your opening hours?',
  'Are you open on Saturday?',
  'Where are you located?',
  'What time is it?',
  'Please call me back.',
  'Please take a note.',
  'Thank you very much.',
] as const;
const deskAnswers: readonly DeskPlan['answer'][] = [
  'word',
  'key',
  'refuses',
  'busy',
  'declines',
  'no-answer',
  'machine',
];
const story = 'Please tell me about your company.';
const interruption = 'Stop, please.';

export function drawPlan(seed: number, options: PlanOptions): WorldPlan {
  const { calls, faultNames, startsEveryMs = usualStartsEveryMs, after = 0, mostTurns = usualMostTurns } = options;
  const random = new SeededRandom(seed);
  const [ofCalls, ofFaults] = [random.fork(), random.fork()];
  const firstDesk = random.integer(0, desks.length);
  const startsWithinMs = Math.round(calls * startsEveryMs);
  const faultsWithinMs = startsWithinMs + callsLastMs;
  const mostFaults = Math.round(calls / callsPerFault);
  const drawn = Array.from({ length: calls }, (_, n) => drawCall(ofCalls.fork(), after + n, startsWithinMs, mostTurns));
  return {
    seed,
    model: random.pick(voiceModelKinds),
    desk: { answer: random.pick(deskAnswers), afterMs: random.integer(500, 4_000) },
    isRecorded: random.chance(0.3),
    calls: drawn.map((call, n) => {
      const place = n / callsPerTransfer;
      if (!Number.isInteger(place) || place >= desks.length) return call;
      const { carrier, wish } = desks[(firstDesk + place) % desks.length]!;
      return { ...call, carrier, pickup: 'answers', script: drawTransfer(random, wish) };
    }),
    faults: Array.from({ length: ofFaults.integer(0, mostFaults + 1) }, () =>
      drawFault(ofFaults, faultNames, faultsWithinMs),
    ),
  };
}

function drawCall(random: SeededRandom, n: number, startsWithinMs: number, mostTurns: number): CallPlan {
  const rare = random.fraction();
  const carrier: Carrier = random.chance(0.12) ? 'web' : random.pick(phoneCarriers);
  return {
    carrier,
    direction: carrier === 'web' || random.chance(0.6) ? 'inbound' : 'outbound',
    number: `+15550${String(2_000 + n)}${random.integer(10, 100)}`,
    model: random.pick(voiceModelKinds),
    startsMs: random.integer(0, startsWithinMs),
    pickup:
      rare < 0.04 ? 'busy' : rare < 0.07 ? 'declines' : rare < 0.09 ? 'no-answer' : rare < 0.15 ? 'machine' : 'answers',
    answersAfterMs: random.integer(300, 4_000),
    script: drawScript(random, mostTurns),
  };
}

function drawScript(random: SeededRandom, mostTurns: number): PersonStep[] {
  const steps: PersonStep[] = random.chance(0.1)
    ? [{ pauseMs: random.integer(0, 3_000) }]
    : [{ wait: 'agent-finished' }];
  const turns = random.integer(1, mostTurns + 1);
  for (let turn = 0; turn < turns; turn++) steps.push(...drawTurn(random));
  // Some hang up at a bad moment, the others are polite, or leave it to the agent.
  const end = random.fraction();
  if (end < 0.2) return [...steps, { say: random.pick(questions) }, ...drawPause(random, 2_500), { hangUp: true }];
  if (end < 0.6) return [...steps, { hangUp: true }];
  return [...steps, { say: 'Goodbye.' }, { wait: 'line-closed' }];
}

/** Whoever waits for a person talks to one, or to the agent again, and hangs up in the end. */
function drawTransfer(random: SeededRandom, wish: string): PersonStep[] {
  const waits = random.chance(0.8) ? random.integer(15_000, 45_000) : random.integer(0, 12_000);
  return [
    { wait: 'agent-finished' },
    { say: wish },
    { pauseMs: waits },
    { say: 'Thank you very much.' },
    { pauseMs: 5_000 },
    { hangUp: true },
  ];
}

function drawTurn(random: SeededRandom): PersonStep[] {
  const kind = random.fraction();
  const answered = { wait: 'agent-finished' } as const;
  if (kind < 0.15)
    return [{ say: story }, { afterAgentSpokeMs: random.integer(200, 6_000), say: interruption }, answered];
  if (kind < 0.25) return [{ press: String(random.integer(100, 10_000)) }, answered];
  if (kind < 0.35) return [...drawPause(random, 8_000), { say: random.pick(questions) }, answered];
  return [{ say: random.pick(questions) }, answered];
}

function drawPause(random: SeededRandom, mostMs: number): PersonStep[] {
  return [{ pauseMs: random.integer(0, mostMs) }];
}

function drawFault(random: SeededRandom, names: readonly string[], faultsWithinMs: number): FaultPlan {
  return {
    name: random.pick(names),
    atMs: random.integer(0, faultsWithinMs),
    // As often a hiccup as a real outage.
    forMs: random.chance(0.5) ? random.integer(200, 3_000) : random.integer(3_000, 30_000),
    draw: random.uint32(),
  };
}
