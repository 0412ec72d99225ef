// Starts what follows the end of a call: by the topic where there is one, else in this process. Nobody on a line waits for it.
import type { CallId } from '../../shared/call/call.ts';
import type { CallEvent } from '../../shared/call/call-event.ts';
import type { Logger } from '../../shared/logger.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import { within } from '../../shared/within.ts';
import type { CallEndedTopic } from './call-ended-topic.ts';
import type { CallSettlement } from './call-settlement.ts';

/** Those that find no room are found by the sweep. */
const maxAtOnce = 100;

export interface EndedCallsOptions {
  readonly ledger: Pick<CallLedger, 'find'>;
  readonly settlement: Pick<CallSettlement, 'settle'>;
  readonly topic: CallEndedTopic | undefined;
  readonly log: Logger;
}

export class EndedCalls {
  readonly #options: EndedCallsOptions;
  readonly #underWay = new Map<CallId, Promise<void>>();

  constructor(options: EndedCallsOptions) {
    this.#options = options;
  }

  /** Never throws. */
  note(event: CallEvent): void {
    if (event.type !== 'call-ended') return;
    const { callId } = event;
    if (this.#underWay.has(callId) || this.#underWay.size >= maxAtOnce) return;
    const work = this.#follow(callId).finally(() => this.#underWay.delete(callId));
    this.#underWay.set(callId, work);
  }

  /** Resolves when nothing is under way any more, or after `withinMs`: the sweep finds what is left. */
  async close(withinMs: number): Promise<void> {
    await within(withinMs, Promise.all(this.#underWay.values()), () => {});
  }

  /** Never rejects. */
  async #follow(callId: CallId): Promise<void> {
    const { ledger, settlement, topic, log } = this.#options;
    try {
      if (!topic) {
        await settlement.settle(callId);
        return;
      }
      const call = await ledger.find(callId);
      if (call) await topic.publish(call);
    } catch (error) {
      log.warn({ callId, error }, 'the end of a call is followed up later: the sweep finds it');
    }
  }
}
