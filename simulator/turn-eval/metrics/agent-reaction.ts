// What the agent did after the caller made a sound into its words: softer, silent, on again from where it was, or something else. Pure.
import type { HeardPart } from '../agent/reply-track.ts';
import type { Span } from './wire-record.ts';

export interface Pause extends Span {
  /** The same reply went on afterwards; how much of it is missing, or was said twice if negative. Undefined: it did not go on. */
  readonly lostSamples: number | undefined;
}

/** All from the beginning of the caller's sound; undefined: never, within the limit, or nobody can tell. */
export interface Reaction {
  readonly softerMs: number | undefined;
  readonly silentMs: number | undefined;
  readonly pauses: readonly Pause[];
  /** What it was saying was not gone on with. */
  readonly isStopped: boolean;
}

/** Of what it is saying when the caller's sound begins. */
const leastLeftMs = 1_200;
/** Half as loud, nearly. */
const softerDb = -6;
const frameMs = 20;
/** Between two syllables. */
const longestRestMs = 100;
/** Whatever is heard as a gap: a lost frame is. */
const leastPauseMs = 18;
/** Later it is an answer, and not the next sentence. */
const nextWithinMs = 1_000;
/** Later it has nothing to do with that sound. */
const reactionMs = 2_600;

/** The agent had no more to say so soon after the sound began, pauses apart: nobody can tell whether it was stopped, and what follows is an answer. */
export function endsByItself(parts: readonly HeardPart[], fromMs: number): boolean {
  const first = parts.findIndex((part) => part.fromMs <= fromMs && part.toMs > fromMs);
  if (first < 0) return false;
  let current = parts[first]!;
  let leftMs = current.toMs - fromMs;
  for (const part of parts.slice(first + 1)) {
    const isSame = part.reply === current.reply && part.lostSamples !== undefined;
    if (!isSame && part.fromMs - current.toMs >= leastPauseMs) break;
    leftMs += part.toMs - part.fromMs;
    current = part;
  }
  return current.isEnd && leftMs < leastLeftMs;
}

/** Undefined: the agent was saying nothing that is known. */
export function findReaction(parts: readonly HeardPart[], { fromMs, toMs }: Span): Reaction | undefined {
  const index = parts.findIndex((part) => part.fromMs <= fromMs && part.toMs > fromMs);
  const first = parts[index];
  if (first?.reply === undefined) return undefined;
  const untilMs = fromMs + reactionMs;
  const pauses: Pause[] = [];
  let [current, isStopped] = [first, false];
  for (const part of parts.slice(index + 1)) {
    if (current.toMs >= untilMs) break;
    // What is said sentence by sentence is a reply for each of them.
    const isNext = current.isEnd && part.reply === current.reply! + 1 && part.fromMs - current.toMs <= nextWithinMs;
    const goesOn = isNext || (part.reply === current.reply && part.lostSamples !== undefined);
    const isPause = part.fromMs - current.toMs >= leastPauseMs;
    if (isPause)
      pauses.push({
        fromMs: current.toMs,
        toMs: part.fromMs,
        lostSamples: goesOn ? (part.lostSamples ?? 0) : undefined,
      });
    if (!goesOn && (isPause || part.reply !== current.reply)) {
      isStopped = true;
      break;
    }
    current = part;
  }
  // It fell silent for good, with nothing after it.
  const last = parts.at(-1);
  if (current === last && current.toMs < untilMs && pauses.at(-1)?.fromMs !== current.toMs) {
    isStopped = true;
    pauses.push({ fromMs: current.toMs, toMs: Number.POSITIVE_INFINITY, lostSamples: undefined });
  }
  const silentMs = pauses[0] && pauses[0].fromMs - fromMs;
  return {
    softerMs: findSofter(parts.slice(index), { fromMs, toMs }, pauses[0]?.fromMs),
    silentMs,
    pauses,
    isStopped,
  };
}

/** Undefined too where its own voice rested at that moment, or until the sound was over: what says nothing is neither loud nor soft. */
function findSofter(
  parts: readonly HeardPart[],
  { fromMs, toMs }: Span,
  silentAtMs: number | undefined,
): number | undefined {
  const untilMs = silentAtMs ?? fromMs + reactionMs;
  const frames = parts.flatMap((part) => part.frames).filter(({ atMs }) => atMs >= fromMs && atMs < untilMs);
  const isHeardMeanwhile = frames.some(({ atMs }) => atMs > fromMs + longestRestMs && atMs < toMs);
  if (!isHeardMeanwhile && toMs - fromMs > longestRestMs && untilMs > toMs) return undefined;
  const softer = frames.findIndex(({ gainDb }) => gainDb <= softerDb);
  const atMs = frames[softer]?.atMs ?? silentAtMs;
  if (atMs === undefined) return undefined;
  const loud = frames.at(softer < 0 ? -1 : softer - 1);
  const loudUntilMs = softer === 0 || loud === undefined ? fromMs : loud.atMs + frameMs;
  return atMs - loudUntilMs > longestRestMs ? undefined : atMs - fromMs;
}
