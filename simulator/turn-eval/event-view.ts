// Both sides of the wire around one event, to be drawn: times from the event's beginning. Pure.
import type { Span } from './metrics/wire-record.ts';
import type { HeardCall } from './play-calls.ts';

export interface EventView {
  readonly caller: readonly (Span & { readonly text: string })[];
  readonly agent: readonly Span[];
  /** Where the agent was softer than its voice is. */
  readonly soft: readonly Span[];
}

export const viewMs = { before: 2_000, after: 5_000 } as const;
const softerDb = -6;
const frameMs = 20;

export function createView(call: HeardCall, atMs: number): EventView {
  const clip = <Item extends Span>(items: readonly Item[]) =>
    items
      .filter(({ fromMs, toMs }) => toMs > atMs - viewMs.before && fromMs < atMs + viewMs.after)
      .map((item) => ({
        ...item,
        fromMs: Math.round(Math.max(item.fromMs - atMs, -viewMs.before)),
        toMs: Math.round(Math.min(item.toMs - atMs, viewMs.after)),
      }));
  const soft: { fromMs: number; toMs: number }[] = [];
  for (const frame of call.parts.flatMap(({ frames }) => frames)) {
    if (frame.gainDb > softerDb) continue;
    const last = soft.at(-1);
    if (last && frame.atMs - last.toMs <= 3 * frameMs) last.toMs = frame.atMs + frameMs;
    else soft.push({ fromMs: frame.atMs, toMs: frame.atMs + frameMs });
  }
  return {
    caller: clip(call.said.map(({ utterance, fromMs, toMs }) => ({ fromMs, toMs, text: utterance.name }))),
    agent: clip(call.agent),
    soft: clip(soft),
  };
}
