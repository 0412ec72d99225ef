// Chore: has the outcome of a call found out. The answer is paid for once at most: whoever may have asked is never asked again.
import type { AgentProfile } from '../../shared/agents/agent.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import { noProgress, type OutcomeProgress } from '../../shared/call/outcome-progress.ts';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import type { Chore } from './chore.ts';
import { judgeTimeoutMs, type OutcomeJudge } from './outcome-judge.ts';

/** After each attempt that cost nothing; as many attempts as there are, and one. */
const retryAfterMs = [60_000, 5 * 60_000, 30 * 60_000, 4 * 3_600_000];
/** Whoever asked has died, or has lost its answer. */
const lostAfterMs = judgeTimeoutMs + 60_000;

export interface OutcomeChoreOptions {
  readonly ledger: Pick<CallLedger, 'record' | 'post'>;
  /** Undefined: no chat model is configured. */
  readonly judge: OutcomeJudge | undefined;
  readonly log: Logger;
}

export class OutcomeChore implements Chore {
  readonly name = 'outcome';
  readonly #options: OutcomeChoreOptions;

  constructor(options: OutcomeChoreOptions) {
    this.#options = options;
  }

  async run(call: CallState, agent: AgentProfile | undefined): Promise<boolean> {
    const progress = call.outcome ?? noProgress;
    if (progress.status !== 'pending') return true;
    const wish = agent?.outcome;
    const hasSpoken = call.turns.some(({ role }) => role === 'caller');
    if (!wish?.enabled || !hasSpoken || !this.#options.judge) {
      await this.#options.ledger.record(call.callId, { type: 'outcome-skipped' }, { id: 'outcome-skipped' });
      return true;
    }
    if (progress.askedAt !== undefined) return this.#waitFor(call, progress.askedAt, progress.attempts);
    if (Date.now() < dueAt(progress)) return false;
    return this.#ask(call, agent!, progress.attempts + 1);
  }

  /** For an operator, of an outcome that failed or was left out: this may cost a second time. Throws BAD_REQUEST. */
  async askAgain(call: CallState, agent: AgentProfile | undefined): Promise<void> {
    const { status, attempts } = call.outcome ?? noProgress;
    if (call.phase !== 'ended' || (status !== 'failed' && status !== 'none'))
      throw new AppError('BAD_REQUEST', 'only an outcome that failed or was left out can be asked for again');
    if (!this.#options.judge) throw new AppError('NOT_CONFIGURED', { what: 'a chat model' });
    if (!agent || call.turns.length === 0) throw new AppError('BAD_REQUEST', 'there is nothing to be judged');
    await this.#ask(call, agent, attempts + 1);
  }

  async #ask(call: CallState, agent: AgentProfile, attempt: number): Promise<boolean> {
    const { ledger, judge, log } = this.#options;
    const { callId } = call;
    const isOurs = await ledger.record(callId, { type: 'outcome-asked', attempt }, { id: `outcome-asked/${attempt}` });
    if (!isOurs) return false;
    const judgement = await judge!.judge(call, agent.outcome);
    if (judgement.kind === 'found') {
      const { outcome } = judgement;
      await ledger.post(callId, { type: 'outcome-ready', attempt, outcome }, { id: `outcome-ready/${attempt}` });
      return true;
    }
    const isFinal = !judgement.mayRepeat || attempt > retryAfterMs.length;
    await this.#fail(call, { attempt, code: judgement.code, isFinal });
    log[isFinal ? 'error' : 'warn'](
      { callId, code: judgement.code, attempt },
      'the outcome of a call was not found out',
    );
    return isFinal;
  }

  async #waitFor(call: CallState, askedAt: number, attempt: number): Promise<boolean> {
    if (Date.now() < askedAt + lostAfterMs) return false;
    const code = 'OUTCOME_UNCERTAIN';
    this.#options.log.error({ callId: call.callId, code, attempt }, 'the outcome of a call was not found out');
    await this.#fail(call, { attempt, code, isFinal: true });
    return true;
  }

  async #fail({ callId }: CallState, failure: { attempt: number; code: string; isFinal: boolean }): Promise<void> {
    await this.#options.ledger.post(
      callId,
      { type: 'outcome-failed', ...failure },
      { id: `outcome-failed/${failure.attempt}` },
    );
  }
}

function dueAt({ failedAt, attempts }: OutcomeProgress): number {
  return failedAt === undefined ? 0 : failedAt + (retryAfterMs[attempts - 1] ?? 0);
}
