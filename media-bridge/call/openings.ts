// What the agent says without having been asked: first of all, and in mid-call after something that the caller noticed.
import type { AgentProfile } from '../../shared/agents/agent.ts';
import type { Floor, Turn } from '../../shared/call/call.ts';
import type { ReplyRequest } from '../voice-models/voice-model.ts';

/** What the caller noticed. */
export type Breach =
  /** For a while nothing went either way: the carrier's socket was lost, or the replica that held the call. */
  | 'line-was-dead'
  /** The agent broke off in the middle of a reply. */
  | 'reply-broke-off'
  /** The agent owes an answer, which takes longer than any. */
  | 'answer-overdue';

const instructions: Readonly<Record<Breach, string>> = {
  'line-was-dead':
    'The line was interrupted for a moment. Apologise in a few words and go on where the conversation was; if the caller asked something, answer it.',
  'reply-broke-off':
    'You broke off in the middle of what you were saying. Apologise in a few words and go on from there, without saying again what was said.',
  'answer-overdue':
    'The caller has been waiting for you. Apologise for the wait in a few words. If something was asked, answer it; if you cannot tell what, ask to hear it again.',
};

/** An agent in one call. `firstWords`: what it is to say in place of its greeting. */
export type ServedAgent = AgentProfile & { readonly firstWords?: string };

/** The caller's last call broke off, and they ring again. */
export const pickUpWords =
  'The last call broke off a moment ago, and the caller is on the line again. Say so in a few words, and go on where the conversation was.';

export function createGreeting(agent: ServedAgent): ReplyRequest {
  if (agent.firstWords !== undefined) return { instructions: agent.firstWords };
  return agent.greeting
    ? { say: agent.greeting }
    : { instructions: agent.opening ?? 'Greet the caller in one short sentence and offer help.' };
}

/** For a model that was opened: undefined where the caller has noticed nothing. A call in which nothing was said yet is greeted. */
export function createOpening(
  agent: ServedAgent,
  turns: readonly Turn[],
  breach: Breach | undefined,
): ReplyRequest | undefined {
  if (turns.length === 0) return createGreeting(agent);
  // What was asked is known: an answer is worth more than an apology.
  if (breach === 'answer-overdue' && turns.at(-1)?.role === 'caller') return { answer: true };
  return breach && createResumption(breach);
}

/** For a call that a replica gave away. Whoever was speaking goes on, and is heard. */
export function findBreach(handedOver: Floor, turns: readonly Turn[]): Breach | undefined {
  if (handedOver !== 'agent') return undefined;
  const last = turns.at(-1);
  return last?.role === 'agent' && last.interrupted ? 'reply-broke-off' : 'answer-overdue';
}

export function createResumption(breach: Breach): ReplyRequest {
  return { instructions: instructions[breach] };
}
