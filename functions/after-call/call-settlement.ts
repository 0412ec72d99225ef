// Does all that is left to be done about a call that has ended: its chores, in their order, until nothing is left.
import { randomUUID } from 'node:crypto';
import { context } from '@opentelemetry/api';
import type { AgentProfiles } from '../../shared/agents/agent.ts';
import type { CallId } from '../../shared/call/call.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import type { Logger } from '../../shared/logger.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import { parseTraceContext } from '../../shared/telemetry/trace-context.ts';
import { pause } from '../../shared/within.ts';
import type { Chore } from './chore.ts';

/** Longer than a model and a webhook take together; a process that dies frees the call after this. */
const leaseMs = 3 * 60_000;
/** A carrier tells the end while the bridge still writes down the last words. */
const lastWordsMs = 3_000;
const lookAgainMs = 250;

export interface CallSettlementOptions {
  readonly ledger: Pick<CallLedger, 'find' | 'record'>;
  readonly leases: Pick<CallLeases, 'acquire' | 'release'>;
  readonly agents: AgentProfiles;
  readonly chores: readonly Chore[];
  readonly log: Logger;
}

export class CallSettlement {
  readonly #options: CallSettlementOptions;

  constructor(options: CallSettlementOptions) {
    this.#options = options;
  }

  /**
   * Resolves to whether nothing is left; false too where somebody else is at it. Rejects with STORE_UNAVAILABLE; what else goes
   * wrong in a chore is left for the next time.
   */
  async settle(callId: CallId): Promise<boolean> {
    const { leases } = this.#options;
    const lease = await leases.acquire(`settling/${callId}`, randomUUID(), leaseMs);
    if (!lease) return false;
    try {
      return await this.#settle(callId);
    } finally {
      await leases.release(lease).catch(() => {});
    }
  }

  async #settle(callId: CallId): Promise<boolean> {
    const { ledger, chores } = this.#options;
    let call = await this.#hearLastWords(callId);
    if (call?.phase !== 'ended' || call.settledAt !== undefined) return call?.settledAt !== undefined;
    let isSettled = true;
    for (const chore of chores) {
      isSettled = (await this.#run(chore, call)) && isSettled;
      call = (await ledger.find(callId)) ?? call;
    }
    // The outcome may have been asked for again meanwhile.
    if (!isSettled || call.outcome?.status === 'pending') return false;
    await ledger.record(callId, { type: 'call-settled' }, { id: `settled/${call.version}` });
    return true;
  }

  async #run(chore: Chore, call: CallState): Promise<boolean> {
    try {
      const agent = this.#options.agents.get(call.agent ?? '');
      // Days later, perhaps, and by a timer: what is done and logged belongs to the trace of the call.
      return await context.with(parseTraceContext(call.traceparent), () => chore.run(call, agent));
    } catch (error) {
      this.#options.log.warn(
        { callId: call.callId, chore: chore.name, error },
        'something is left to be done about a call',
      );
      return false;
    }
  }

  async #hearLastWords(callId: CallId): Promise<CallState | undefined> {
    const until = Date.now() + lastWordsMs;
    for (;;) {
      const call = await this.#options.ledger.find(callId);
      if (call?.replica === undefined || Date.now() >= Math.min(until, (call.endedAt ?? 0) + lastWordsMs)) return call;
      await pause(lookAgainMs);
    }
  }
}
