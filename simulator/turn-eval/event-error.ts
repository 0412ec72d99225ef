// What the agent did wrong about one sound of the caller, in words. Pure.
import { actFor, type EventKind } from './callers/utterance.ts';
import type { Reaction } from './metrics/agent-reaction.ts';
import type { TauMetrics } from './metrics/tau-metrics.ts';
import type { Span } from './metrics/wire-record.ts';

export interface MeasuredEvent extends Span {
  readonly kind: EventKind;
  readonly name: string;
  /** By tau-voice's rules and the fair one, of this event alone. */
  readonly tau: TauMetrics;
  readonly reaction: Reaction | undefined;
  /** From the end of the caller's words to the first sound after them; of turns. */
  readonly answeredMs: number | undefined;
  /** The agent began while the caller had not finished. */
  readonly isInterrupted: boolean;
}

export function findError(event: MeasuredEvent): string | undefined {
  const { tau, reaction } = event;
  const lost = reaction?.pauses.find(({ lostSamples = 0 }) => lostSamples !== 0)?.lostSamples;
  if (lost !== undefined)
    return `${Math.abs(lost) / 16} ms of the reply ${lost > 0 ? 'missing' : 'said twice'} after a pause`;
  switch (actFor(event.kind)) {
    case 'turn':
      if (event.isInterrupted) return 'the agent began before the caller was done';
      return event.answeredMs === undefined ? 'no answer' : undefined;
    case 'interruption':
      if (tau.yields.hits < tau.yields.of) return 'the agent did not yield within 2 s';
      return reaction && !reaction.isStopped && tau.yields.of > 0
        ? 'the agent went on with what it was saying'
        : undefined;
    case 'backchannel':
      if (tau.backchannels.hits < tau.backchannels.of) return 'the agent was silent within a second';
      return reaction?.isStopped ? 'the agent stopped for good' : undefined;
    case 'tic':
      return tau.fairTics.hits < tau.fairTics.of ? describe(reaction) : undefined;
    case 'aside':
      return tau.fairAsides.hits < tau.fairAsides.of ? describe(reaction) : undefined;
  }
}

function describe(reaction: Reaction | undefined): string {
  return reaction ? 'the agent was silent within a second' : 'the agent said something within 2 s';
}
