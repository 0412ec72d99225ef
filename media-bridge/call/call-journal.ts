// What one call has seen and said: folds its facts at once and hands them to the ledger, which writes them behind the scenes.
import { randomUUID } from 'node:crypto';
import type { Speaker } from '../../shared/call/call.ts';
import type { CallEvent, CallFact } from '../../shared/call/call-event.ts';
import { applyCallEvent, type CallState } from '../../shared/call/call-state.ts';
import type { Logger } from '../../shared/logger.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import type { CallStream } from '../../shared/stores/call-stream.ts';
import type { CallHold } from './call-hold.ts';
import { PartialTranscripts } from './partial-transcripts.ts';
import { SecretDigits } from './secret-digits.ts';

export interface CallJournalOptions {
  /** The call as it is known so far, and the ids of the events it was folded from. */
  readonly call: CallState;
  readonly knownIds: Iterable<string>;
  readonly ledger: Pick<CallLedger, 'postEvent' | 'written'>;
  readonly stream: Pick<CallStream, 'publishPartial'>;
  /** Nothing is written of a call that is another replica's. */
  readonly hold: Pick<CallHold, 'whileOurs' | 'fence'>;
  readonly log: Logger;
  /** Is told of all that is folded here; not `isOurs`: somebody else wrote it. It must not throw. */
  readonly onEvent?: (event: CallEvent, isOurs: boolean) => void;
}

/** The conversation never waits for a store: `record` returns at once. */
export class CallJournal {
  readonly #ledger: CallJournalOptions['ledger'];
  readonly #known: Set<string>;
  readonly #hold: CallJournalOptions['hold'];
  readonly #partials: PartialTranscripts;
  readonly #onEvent: CallJournalOptions['onEvent'];
  readonly #secrets = new SecretDigits();
  #state: CallState;
  /** When the carrier's socket came here last. */
  #heldSince = 0;

  constructor({ call, knownIds, ledger, stream, hold, log, onEvent }: CallJournalOptions) {
    const { callId } = call;
    this.#known = new Set(knownIds);
    this.#state = call;
    this.#ledger = ledger;
    this.#hold = hold;
    this.#onEvent = onEvent;
    this.#partials = new PartialTranscripts((role, text) => {
      try {
        stream.publishPartial({ callId, at: Date.now(), role, text });
      } catch (error) {
        log.warn({ error }, 'a partial transcript could not be shown');
      }
    });
  }

  get state(): CallState {
    return this.#state;
  }

  /** `id`: of a fact that others may write too, and that is kept once. */
  record(fact: CallFact, id: string = randomUUID()): void {
    if (this.#known.has(id)) return;
    const event = { ...this.#censor(this.#sign(fact)), id, at: Date.now(), callId: this.#state.callId } as CallEvent;
    if (event.type === 'turn-finished') this.#partials.finish(event.role);
    if (event.type === 'media-started') this.#heldSince = event.at;
    this.#known.add(id);
    this.#state = applyCallEvent(this.#state, event);
    this.#hold.whileOurs(() => this.#ledger.postEvent(event));
    this.#onEvent?.(event, true);
  }

  /** What others wrote about this call. True if it was news. */
  observe(event: CallEvent): boolean {
    if (this.#known.has(event.id)) return false;
    this.#known.add(event.id);
    if (event.type === 'media-started' && this.#isPast(event)) return false;
    this.#state = applyCallEvent(this.#state, event);
    this.#onEvent?.(event, false);
    return true;
  }

  /** These digits stand in nothing that is written down or shown from now on. */
  hide(digits: string): void {
    this.#secrets.add(digits);
  }

  #censor(fact: CallFact): CallFact {
    switch (fact.type) {
      case 'turn-finished': {
        const { text, unheard } = fact;
        const hidden = unheard === undefined ? {} : { unheard: this.#secrets.hide(unheard) };
        return { ...fact, text: this.#secrets.hide(text), ...hidden };
      }
      case 'note-taken':
        return { ...fact, text: this.#secrets.hide(fact.text) };
      case 'answer-recorded':
        return { ...fact, answer: this.#secrets.hide(fact.answer) };
      case 'callback-scheduled':
        return { ...fact, about: this.#secrets.hide(fact.about) };
      default:
        return fact;
    }
  }

  #sign(fact: CallFact): CallFact {
    const { fence } = this.#hold;
    return fact.type === 'media-started' && fence !== undefined ? { ...fact, fence } : fact;
  }

  /** After a gap, or from an outbox that was held up, the past is told: that the call was elsewhere before it came here. */
  #isPast({ at, fence }: Extract<CallEvent, { type: 'media-started' }>): boolean {
    const ours = this.#hold.fence;
    return fence !== undefined && ours !== undefined ? fence < ours : at < this.#heldSince;
  }

  /** A turn in the making, for those who watch. */
  showPartial(role: Speaker, text: string): void {
    this.#partials.update(role, this.#secrets.hide(text));
  }

  /** Resolves when all is written, or after `withinMs`. */
  async catchUp(withinMs: number): Promise<void> {
    await this.#ledger.written(this.#state.callId, withinMs);
  }

  /** What is not written yet goes on its way without the call. */
  close(): void {
    this.#partials.close();
  }
}
