// The interaction metrics of tau-voice, written anew from their definitions: who yields, who answers, who talks on. Pure.
import {
  type CallerSegment,
  createTicks,
  findCallerSegments,
  findSegments,
  type TauTicks,
  tickMs,
} from './tau-ticks.ts';
import type { WireRecord } from './wire-record.ts';

/** Talking on means: sounding in each of so many ticks, from the one in which the caller began. */
const talksOnTicks = 5;
/** A yield that comes later is none. */
const yieldTicks = 10;
/** An agent that begins so soon after a sound that wanted no answer has answered it. */
const respondTicks = 10;

/** How often it could have happened, and how often it did. */
export interface Tally {
  readonly of: number;
  readonly hits: number;
}

export interface TauMetrics {
  /** S_BC: talks on through backchannels. */
  readonly backchannels: Tally;
  /** R_Y, and L_Y in ms for each yield. */
  readonly yields: Tally & { readonly latenciesMs: readonly number[] };
  /** R_R, and L_R in ms for each answer. */
  readonly answers: Tally & { readonly latenciesMs: readonly number[] };
  /** I_A: how often the agent begins while the caller sounds, beside the number of turns. */
  readonly agentInterrupts: Tally;
  /** S_VT and S_ND as tau-voice counts them: on the agent's speech only failures are. */
  readonly tics: Tally;
  readonly asides: Tally;
  /** The same by a fair rule: those on the agent's speech count either way. */
  readonly fairTics: Tally;
  readonly fairAsides: Tally;
}

export function measureTau(record: WireRecord): TauMetrics {
  return measureTicks(createTicks(record));
}

export function measureTicks(ticks: TauTicks): TauMetrics {
  const segments = findCallerSegments(ticks.caller);
  const over = segments.filter(({ from }) => ticks.agent[from]);
  const ofAct = (...acts: readonly string[]) => segments.filter(({ act }) => acts.includes(act));
  const backchannels = over.filter(({ act }) => act === 'backchannel');
  return {
    backchannels: tally(backchannels, (segment) => talksOn(ticks, segment)),
    yields: measureYields(ticks, over),
    ...measureAnswers(ticks, segments),
    tics: measureIgnored(ticks, ofAct('tic'), false),
    asides: measureIgnored(ticks, ofAct('aside'), false),
    fairTics: measureIgnored(ticks, ofAct('tic'), true),
    fairAsides: measureIgnored(ticks, ofAct('aside'), true),
  };
}

/** Ticks from the segment's first until the agent is silent for a whole one; undefined if it is not within the limit. */
function findSilence({ agent }: TauTicks, { from }: CallerSegment, limit: number): number | undefined {
  for (let tick = from; tick < Math.min(from + limit, agent.length); tick++) if (!agent[tick]) return tick - from;
  return undefined;
}

const talksOn = (ticks: TauTicks, segment: CallerSegment) => findSilence(ticks, segment, talksOnTicks) === undefined;

function measureYields(ticks: TauTicks, over: readonly CallerSegment[]): TauMetrics['yields'] {
  const wanted = over.filter(({ act }) => act === 'turn' || act === 'interruption');
  const waits = wanted.map((segment) => findSilence(ticks, segment, yieldTicks)).filter((wait) => wait !== undefined);
  return { of: wanted.length, hits: waits.length, latenciesMs: waits.map((wait) => wait * tickMs) };
}

function measureAnswers(ticks: TauTicks, segments: readonly CallerSegment[]) {
  const turns = segments.filter(({ act, to }) => (act === 'turn' || act === 'interruption') && !ticks.agent[to]);
  const starts = findSegments(ticks.agent).map(({ from }) => from);
  const latenciesMs = turns.flatMap(({ to }, index) => {
    const start = starts.find((tick) => tick >= to);
    const next = turns[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    return start !== undefined && start <= next ? [(start - to) * tickMs] : [];
  });
  const interrupting = starts.filter((tick) => isTalk(ticks.caller[tick]));
  return {
    answers: { of: turns.length, hits: latenciesMs.length, latenciesMs },
    agentInterrupts: { of: turns.length, hits: interrupting.length },
  };
}

/** Coughs and asides are laid over the caller's silence: nobody can interrupt them. */
const isTalk = (act: TauTicks['caller'][number]) => act !== undefined && act !== 'tic' && act !== 'aside';

function measureIgnored(ticks: TauTicks, sounds: readonly CallerSegment[], isFair: boolean): Tally {
  const starts = findSegments(ticks.agent).map(({ from }) => from);
  // An aside of two seconds is answered after it: by the fair rule its end counts, not its beginning.
  const lastOf = ({ from, to }: CallerSegment) => (isFair ? to - 1 : from);
  let [of, hits] = [0, 0];
  for (const sound of sounds) {
    const isOver = ticks.agent[sound.from];
    const ignored = isOver
      ? talksOn(ticks, sound)
      : !starts.some((start) => start > sound.from && start <= lastOf(sound) + respondTicks);
    if (isOver && ignored && !isFair) continue;
    of++;
    if (ignored) hits++;
  }
  return { of, hits };
}

function tally<Item>(items: readonly Item[], isHit: (item: Item) => boolean): Tally {
  return { of: items.length, hits: items.filter(isHit).length };
}
