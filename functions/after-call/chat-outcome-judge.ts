// Asks a chat model, once, what came of a call: its answer is checked, and whoever asks again is told whether that may cost twice.
import { APIConnectionError, APIConnectionTimeoutError, APIError, type OpenAI } from 'openai';
import type { CallState } from '../../shared/call/call-state.ts';
import { type Judgement, judgeTimeoutMs, type OutcomeJudge, type OutcomeRules } from './outcome-judge.ts';
import { formatOutcomePrompt } from './outcome-prompt.ts';
import { formatOutcomeSchema, parseOutcome } from './outcome-schema.ts';

/** With what a model thinks before it answers. */
const maxAnswerTokens = 16_000;

/** The client must not repeat by itself: what it would repeat may have been paid for. */
export class ChatOutcomeJudge implements OutcomeJudge {
  readonly #client: OpenAI;
  readonly #deployment: string;

  constructor(client: OpenAI, deployment: string) {
    this.#client = client;
    this.#deployment = deployment;
  }

  async judge(call: CallState, rules: OutcomeRules): Promise<Judgement> {
    try {
      return await this.#ask(call, rules);
    } catch (error) {
      return readFailure(error);
    }
  }

  async #ask(call: CallState, { instructions, fields }: OutcomeRules): Promise<Judgement> {
    const answer = await this.#client.chat.completions.create(
      {
        model: this.#deployment,
        messages: formatOutcomePrompt(call, instructions),
        max_completion_tokens: maxAnswerTokens,
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'call_outcome', strict: true, schema: { ...formatOutcomeSchema(fields) } },
        },
      },
      { maxRetries: 0, timeout: judgeTimeoutMs },
    );
    const choice = answer.choices[0];
    const failed = (code: string) => ({ kind: 'failed', code, mayRepeat: false }) as const;
    if (choice?.finish_reason === 'content_filter') return failed('OUTCOME_FILTERED');
    if (choice?.finish_reason === 'length') return failed('OUTCOME_CUT');
    if (choice?.message.refusal) return failed('OUTCOME_REFUSED');
    const outcome = parseOutcome(choice?.message.content ?? '', fields, call.turns);
    return outcome ? { kind: 'found', outcome } : failed('OUTCOME_INVALID');
  }
}

/** Before a request has left, or where the service says that it did nothing, nothing was paid for. */
const notSent: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
const notDone: ReadonlySet<unknown> = new Set([429, 500, 502, 503]);

function readFailure(error: unknown): Judgement {
  if (error instanceof APIConnectionTimeoutError)
    return { kind: 'failed', code: 'OUTCOME_UNCERTAIN', mayRepeat: false };
  if (error instanceof APIConnectionError) {
    const mayRepeat = notSent.has(findCode(error));
    return { kind: 'failed', code: mayRepeat ? 'MODEL_UNAVAILABLE' : 'OUTCOME_UNCERTAIN', mayRepeat };
  }
  if (!(error instanceof APIError)) return { kind: 'failed', code: 'OUTCOME_UNCERTAIN', mayRepeat: false };
  if (error.code === 'content_filter') return { kind: 'failed', code: 'OUTCOME_FILTERED', mayRepeat: false };
  if (notDone.has(error.status)) {
    const code = error.status === 429 ? 'MODEL_THROTTLED' : 'MODEL_UNAVAILABLE';
    return { kind: 'failed', code, mayRepeat: true };
  }
  // Whoever repairs a role or a deployment finds the call judged an hour later.
  if (error.status === 401 || error.status === 403 || error.status === 404)
    return { kind: 'failed', code: 'MODEL_REFUSED', mayRepeat: true };
  return { kind: 'failed', code: error.status === undefined ? 'OUTCOME_UNCERTAIN' : 'MODEL_REFUSED', mayRepeat: false };
}

/** Of the innermost cause that has one. */
function findCode(error: unknown): unknown {
  for (let cause = error; typeof cause === 'object' && cause !== null; cause = (cause as { cause?: unknown }).cause) {
    const { code } = cause as { code?: unknown };
    if (typeof code === 'string') return code;
  }
  return undefined;
}
