// The grid on which tau-voice scores a call: ticks of 200 ms, each with or without a sound of the caller and of the agent. Pure.
import type { CallerAct, Span, WireRecord } from './wire-record.ts';

export const tickMs = 200;

/** `to` is the first tick after it. */
export interface Segment {
  readonly from: number;
  readonly to: number;
}

export interface CallerSegment extends Segment {
  /** Of its first tick. */
  readonly act: CallerAct;
}

export interface TauTicks {
  readonly caller: readonly (CallerAct | undefined)[];
  readonly agent: readonly boolean[];
}

/** A tick belongs to whoever sounds in any part of it. */
export function createTicks({ lengthMs, caller, agent }: WireRecord): TauTicks {
  const count = Math.ceil(lengthMs / tickMs);
  const acts: (CallerAct | undefined)[] = new Array(count).fill(undefined);
  const sounds: boolean[] = new Array(count).fill(false);
  for (const { act, ...span } of caller) for (const tick of ticksOf(span, count)) acts[tick] ??= act;
  for (const span of agent) for (const tick of ticksOf(span, count)) sounds[tick] = true;
  // The last tick of a call is not whole: what begins there cannot be judged.
  if (acts.at(-1) !== undefined && acts.at(-2) === undefined) acts[count - 1] = undefined;
  return { caller: acts, agent: sounds };
}

function ticksOf({ fromMs, toMs }: Span, count: number): number[] {
  const first = Math.max(0, Math.floor(fromMs / tickMs));
  const end = Math.min(count, Math.ceil(toMs / tickMs));
  return Array.from({ length: Math.max(0, end - first) }, (_, n) => first + n);
}

/** One empty tick ends a segment. */
export function findSegments(ticks: readonly unknown[]): Segment[] {
  const segments: Segment[] = [];
  let from: number | undefined;
  for (let tick = 0; tick <= ticks.length; tick++) {
    const sounds = tick < ticks.length && Boolean(ticks[tick]);
    if (sounds) from ??= tick;
    else if (from !== undefined) {
      segments.push({ from, to: tick });
      from = undefined;
    }
  }
  return segments;
}

export function findCallerSegments(ticks: TauTicks['caller']): CallerSegment[] {
  return findSegments(ticks).map((segment) => ({ ...segment, act: ticks[segment.from]! }));
}
