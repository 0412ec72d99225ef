// What the agent says first when a model is opened.
import type { AgentProfile } from '../../shared/agents/agent.ts';
import type { ReplyRequest } from '../voice-models/voice-model.ts';

export function createGreeting(agent: AgentProfile): ReplyRequest {
  return agent.greeting
    ? { say: agent.greeting }
    : { instructions: 'Greet the caller in one short sentence and offer help.' };
}

/** In mid-call, after something was lost that the caller noticed. */
export const resumption: ReplyRequest = {
  instructions:
    'The line was interrupted for a moment. Apologise in a few words and go on where the conversation was; if the caller asked something, answer it.',
};
