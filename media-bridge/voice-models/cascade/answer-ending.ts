// What to do when an answer of the chat model has ended, by how it ended and what there was of it. Pure.

/** `stop` to `content_filter` are the service's own words; the others are ours for what it did not say. */
export type AnswerEnding =
  | 'stop'
  | 'tool_calls'
  | 'length'
  | 'content_filter'
  /** The stream ended without a finish_reason, or its connection broke. */
  | 'broken'
  /** Nothing more came in time. */
  | 'stalled';

/** `words`: some can be spoken; `nothing` may well be an emoji. Tools that an answer asked for before it was cut are not called. */
export type AnswerContent = 'nothing' | 'words' | 'tools';

export type NextStep =
  | 'done'
  /** The same question again: nothing was said, so nothing can be said twice. */
  | 'ask-again'
  /** What was said stands, and the rest is asked for. */
  | 'go-on'
  /** The service will not have this answered. */
  | 'change-subject';

const table: Readonly<Record<AnswerEnding, Readonly<Record<AnswerContent, NextStep>>>> = {
  stop: { nothing: 'ask-again', words: 'done', tools: 'done' },
  tool_calls: { nothing: 'ask-again', words: 'done', tools: 'done' },
  length: { nothing: 'ask-again', words: 'go-on', tools: 'ask-again' },
  content_filter: { nothing: 'change-subject', words: 'change-subject', tools: 'change-subject' },
  broken: { nothing: 'ask-again', words: 'go-on', tools: 'ask-again' },
  stalled: { nothing: 'ask-again', words: 'go-on', tools: 'ask-again' },
};

export function judgeEnding(ending: AnswerEnding, content: AnswerContent): NextStep {
  return table[ending][content];
}

/** A reason that we do not know is an end like any other: services add to theirs. */
export function readFinishReason(reason: string | null | undefined): AnswerEnding | undefined {
  if (!reason) return undefined;
  return reason === 'length' || reason === 'content_filter' || reason === 'tool_calls' ? reason : 'stop';
}
