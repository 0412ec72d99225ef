// How a caller is told that the call is recorded, or asked whether it may be, and whether they have heard it.
import type { AgentProfile } from '../../../shared/agents/agent.ts';
import type { CallState } from '../../../shared/call/call-state.ts';
import type { ServedAgent } from '../openings.ts';

const english = { announce: 'This call is recorded.', ask: 'May I record this call?' };
/** A model may leave out a word, and what it says may be written down a little differently. */
const heardShare = 0.8;

/** Undefined: the agent's language has none, and nothing is recorded. */
export function findConsentWords({ recording, language }: AgentProfile): string | undefined {
  return recording.consent_words ?? (/^en\b/i.test(language) ? english[recording.consent] : undefined);
}

/** Told before the greeting, or asked after it. A call that has begun is left as it is. */
export function addConsentWords(agent: ServedAgent, call: Pick<CallState, 'recording' | 'turns'>): ServedAgent {
  const words = agent.recording.enabled && !call.recording ? findConsentWords(agent) : undefined;
  if (words === undefined || call.turns.length > 0) return agent;
  const { greeting = '', firstWords } = agent;
  const said = agent.recording.consent === 'ask' ? [greeting, words] : [words, greeting];
  return {
    ...agent,
    greeting: said.filter(Boolean).join(' '),
    ...(firstWords !== undefined && { firstWords: `${firstWords} Begin with exactly these words: "${words}"` }),
  };
}

/** For a call that nobody can record: nothing is announced, asked or paused. */
export function leaveUnrecorded<Agent extends AgentProfile>(agent: Agent): Agent {
  return { ...agent, recording: { ...agent.recording, enabled: false } };
}

/** In what the caller has heard of the agent. */
export function hasHeard(words: string, heard: string): boolean {
  const said = new Set(split(heard));
  const wanted = split(words);
  return wanted.length > 0 && wanted.filter((word) => said.has(word)).length >= heardShare * wanted.length;
}

function split(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
