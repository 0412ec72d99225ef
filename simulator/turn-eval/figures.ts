// The figures of one column, out of the scores of its calls: what the table shows, with how sure it is. Pure.
import { SeededRandom } from '../virtual-time/seeded-random.ts';
import type { EventKind } from './callers/utterance.ts';
import { bootstrap, type Interval, mean, quantile, wilson } from './metrics/confidence.ts';
import type { Tally, TauMetrics } from './metrics/tau-metrics.ts';
import type { CallScore, EventScore } from './score-call.ts';

/** A share has a tally, a time its number of samples; undefined: it never happened. */
export interface Figure {
  readonly value: number | undefined;
  readonly interval: Interval | undefined;
  readonly of: number;
  readonly unit: 'share' | 'ms' | 'score';
}

const bootstrapSeed = 11;
const knownAfterNods = 3;

export function measureFigures(calls: readonly CallScore[]) {
  const events = calls.flatMap((call) => call.events);
  const ofKind = (...kinds: readonly EventKind[]) => events.filter(({ kind }) => kinds.includes(kind));
  const [nods, long, short] = [ofKind('backchannel'), ofKind('long interruption'), ofKind('short interruption')];
  const onWords = (found: readonly EventScore[]) =>
    found.filter(({ tau }) => tau.yields.of > 0 || tau.backchannels.of > 0);
  const pausesOf = (found: readonly EventScore[]) => found.flatMap(({ reaction }) => reaction?.pauses ?? []);
  const goneOn = pausesOf(ofKind('backchannel', 'noise', 'aside')).filter(
    ({ lostSamples }) => lostSamples !== undefined,
  );
  const turns = ofKind('question');
  const interrupting = [...long, ...short];
  return {
    backchannels: share(addTallies(nods, (tau) => tau.backchannels)),
    /** The first of a call, and those by which the caller is known: what adapting to the caller gains. */
    firstNods: share(addTallies(nodsOf(calls, 0, knownAfterNods), (tau) => tau.backchannels)),
    laterNods: share(addTallies(nodsOf(calls, knownAfterNods), (tau) => tau.backchannels)),
    pausedNods: share(
      tally(
        nods.filter(({ reaction }) => reaction),
        ({ reaction }) => reaction!.pauses.length > 0,
      ),
    ),
    nodPauseP95: time(goneOnMs(pausesOf(nods)), 0.95),
    stoppedNods: share(
      tally(
        nods.filter(({ reaction }) => reaction),
        ({ reaction }) => reaction!.isStopped,
      ),
    ),
    longYields: share(addTallies(long, (tau) => tau.yields)),
    shortYields: share(addTallies(short, (tau) => tau.yields)),
    /** Sentences, as tau-voice's callers interrupt. */
    yieldLatency: average(long.flatMap(({ tau }) => tau.yields.latenciesMs)),
    allYieldLatency: average(interrupting.flatMap(({ tau }) => tau.yields.latenciesMs)),
    answers: share(addTallies(calls, (tau) => tau.answers)),
    answerLatency: average(calls.flatMap(({ tau }) => tau.answers.latenciesMs)),
    softerMedian: time(reactions(onWords(interrupting), 'softerMs'), 0.5),
    softerP95: time(reactions(onWords(interrupting), 'softerMs'), 0.95),
    longSilenceMedian: time(reactions(onWords(long), 'silentMs'), 0.5),
    longSilenceP95: time(reactions(onWords(long), 'silentMs'), 0.95),
    shortSilenceMedian: time(reactions(onWords(short), 'silentMs'), 0.5),
    shortSilenceP95: time(reactions(onWords(short), 'silentMs'), 0.95),
    fairTics: share(addTallies(events, (tau) => tau.fairTics)),
    fairAsides: share(addTallies(events, (tau) => tau.fairAsides)),
    tics: share(addTallies(events, (tau) => tau.tics)),
    asides: share(addTallies(events, (tau) => tau.asides)),
    /** Nobody answers a nod in silence either. */
    silentNods: share(
      tally(ofKind('backchannel in silence'), ({ answeredMs }) => answeredMs === undefined || answeredMs > 2_000),
    ),
    resumedP95: time(goneOnMs(goneOn), 0.95),
    resumedExactly: share(tally(goneOn, ({ lostSamples }) => lostSamples === 0)),
    agentInterrupts: share(addTallies(calls, (tau) => tau.agentInterrupts)),
    cutHesitations: share(tally(ofKind('hesitation'), ({ isInterrupted }) => isInterrupted)),
    turnLatencyMedian: time(
      turns.flatMap(({ answeredMs }) => answeredMs ?? []),
      0.5,
    ),
    eva: {
      value: mean(calls.flatMap(({ eva }) => eva ?? [])),
      interval: resample(
        calls.flatMap(({ eva }) => eva ?? []),
        mean,
      ),
      of: calls.length,
      unit: 'score',
    } as Figure,
    missed: {
      value: calls.reduce((sum, { missed }) => sum + missed, 0),
      interval: undefined,
      of: events.length,
      unit: 'score',
    } as Figure,
  } satisfies Record<string, Figure>;
}

export type Figures = ReturnType<typeof measureFigures>;
export type FigureName = keyof Figures;

function nodsOf(calls: readonly CallScore[], from: number, to?: number): EventScore[] {
  return calls.flatMap(({ events }) => events.filter(({ kind }) => kind === 'backchannel').slice(from, to));
}

function addTallies(scores: readonly { readonly tau: TauMetrics }[], take: (tau: TauMetrics) => Tally): Tally {
  const tallies = scores.map(({ tau }) => take(tau));
  return { of: sum(tallies.map(({ of }) => of)), hits: sum(tallies.map(({ hits }) => hits)) };
}

function tally<Item>(items: readonly Item[], isHit: (item: Item) => boolean): Tally {
  return { of: items.length, hits: items.filter(isHit).length };
}

/** Those that never came are no time: how many they are is told by the yields. */
function reactions(events: readonly EventScore[], field: 'softerMs' | 'silentMs'): number[] {
  return events.flatMap(({ reaction }) => reaction?.[field] ?? []);
}

function goneOnMs(
  pauses: readonly { readonly fromMs: number; readonly toMs: number; readonly lostSamples?: number | undefined }[],
) {
  return pauses.flatMap(({ fromMs, toMs, lostSamples }) => (lostSamples === undefined ? [] : toMs - fromMs));
}

function share(found: Tally): Figure {
  const { of, hits } = found;
  return { value: of === 0 ? undefined : hits / of, interval: of === 0 ? undefined : wilson(found), of, unit: 'share' };
}

function time(values: readonly number[], q: number): Figure {
  const measure = (sample: readonly number[]) => quantile(sample, q);
  return { value: measure(values), interval: resample(values, measure), of: values.length, unit: 'ms' };
}

function average(values: readonly number[]): Figure {
  return { value: mean(values), interval: resample(values, mean), of: values.length, unit: 'ms' };
}

function resample(values: readonly number[], measure: (sample: readonly number[]) => number | undefined) {
  const random = new SeededRandom(bootstrapSeed);
  return bootstrap(values, measure, () => random.fraction());
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
