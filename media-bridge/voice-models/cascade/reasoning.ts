// How long a chat model may think before it answers: as little as it can, since somebody is on the line.

export const reasoningEfforts = ['none', 'minimal', 'low', 'medium', 'high'] as const;
export type ReasoningEffort = (typeof reasoningEfforts)[number];

/** What is thought is not said, but counts against the limit of the answer. */
const thinkingTokens: Readonly<Record<ReasoningEffort, number>> = {
  none: 0,
  minimal: 400,
  low: 2_000,
  medium: 6_000,
  high: 16_000,
};

/**
 * The least that the model behind a deployment takes, which can only be told by the name; undefined for models that do not think,
 * and refuse to be asked. gpt-5 itself cannot do without; later ones can.
 */
export function guessReasoningEffort(deployment: string): ReasoningEffort | undefined {
  const name = deployment.toLowerCase();
  if (/gpt-5\.\d/.test(name)) return 'none';
  if (/gpt-5(?!.*chat)/.test(name)) return 'minimal';
  return undefined;
}

/** Room for `answerTokens` after as much thought as that. */
export function limitTokens(answerTokens: number, effort: ReasoningEffort | undefined): number {
  return answerTokens + (effort === undefined ? 0 : thinkingTokens[effort]);
}
