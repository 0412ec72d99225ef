// What one call has seen and said: folds its facts at once and writes them to the ledger behind the scenes, in order.
import { randomUUID } from 'node:crypto';
import type { Speaker } from '../../shared/call/call.ts';
import type { CallEvent, CallFact } from '../../shared/call/call-event.ts';
import { applyCallEvent, type CallState } from '../../shared/call/call-state.ts';
import type { Logger } from '../../shared/logger.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import type { CallStream } from '../../shared/stores/call-stream.ts';
import { within } from '../../shared/within.ts';
import { PartialTranscripts } from './partial-transcripts.ts';

/** An hour's talk makes a few thousand facts; beyond this the store is gone for good and memory comes first. */
const maxUnwrittenFacts = 5_000;
const firstRetryMs = 200;
const lastRetryMs = 5_000;
/** After the end of the call: a store that is restarted is back by then. The call keeps its place here meanwhile. */
const lastWordsMs = 30_000;

interface UnwrittenFact {
  readonly id: string;
  readonly at: number;
  readonly fact: CallFact;
}

export interface CallJournalOptions {
  /** The call as it is known so far, and the ids of the events it was folded from. */
  readonly call: CallState;
  readonly knownIds: Iterable<string>;
  readonly ledger: CallLedger;
  readonly stream: CallStream;
  readonly log: Logger;
}

/** The conversation never waits for a store: `record` returns at once, and writing is tried until it works or `close`. */
export class CallJournal {
  readonly #ledger: CallLedger;
  readonly #log: Logger;
  readonly #known: Set<string>;
  readonly #partials: PartialTranscripts;
  #state: CallState;
  #unwritten: UnwrittenFact[] = [];
  #writing: Promise<void> | undefined;
  #lost = 0;
  #closed = false;

  constructor({ call, knownIds, ledger, stream, log }: CallJournalOptions) {
    this.#known = new Set(knownIds);
    this.#state = call;
    this.#ledger = ledger;
    this.#log = log;
    this.#partials = new PartialTranscripts((role, text) => {
      try {
        stream.publishPartial({ callId: call.callId, at: Date.now(), role, text });
      } catch (error) {
        log.warn({ error }, 'a partial transcript could not be shown');
      }
    });
  }

  get state(): CallState {
    return this.#state;
  }

  /** `id`: of a fact that others may write too. */
  record(fact: CallFact, id: string = randomUUID()): void {
    if (fact.type === 'turn-finished') this.#partials.finish(fact.role);
    const entry = { id, at: Date.now(), fact };
    this.#known.add(entry.id);
    this.#apply({ ...fact, id: entry.id, at: entry.at, callId: this.#state.callId } as CallEvent);
    if (this.#unwritten.length >= maxUnwrittenFacts) {
      if (++this.#lost === 1) this.#log.error('the store is away for too long: facts of this call are being lost');
      return;
    }
    this.#unwritten.push(entry);
    this.#writing ??= this.#write();
  }

  /** What others wrote about this call. True if it was news. */
  observe(event: CallEvent): boolean {
    if (this.#known.has(event.id)) return false;
    this.#known.add(event.id);
    this.#apply(event);
    return true;
  }

  /** A turn in the making, for those who watch. */
  showPartial(role: Speaker, text: string): void {
    this.#partials.update(role, text);
  }

  /** Resolves when all is written, or after `withinMs` with what could be. */
  async catchUp(withinMs: number): Promise<void> {
    await within(
      withinMs,
      async () => this.#writing,
      () => {},
    );
  }

  /** As `catchUp`, and gives up what is left. */
  async close(withinMs = lastWordsMs): Promise<void> {
    this.#partials.close();
    await this.catchUp(withinMs);
    this.#closed = true;
    if (this.#unwritten.length > 0)
      this.#log.error({ facts: this.#unwritten.length }, 'facts of this call were not stored');
  }

  #apply(event: CallEvent): void {
    this.#state = applyCallEvent(this.#state, event);
  }

  async #write(): Promise<void> {
    let retryMs = firstRetryMs;
    while (this.#unwritten.length > 0 && !this.#closed) {
      const { id, at, fact } = this.#unwritten[0]!;
      try {
        await this.#ledger.record(this.#state.callId, fact, { id, at });
        this.#unwritten.shift();
        retryMs = firstRetryMs;
      } catch (error) {
        this.#log.warn({ error, retryMs }, 'a fact of this call could not be stored yet');
        await new Promise((resolve) => setTimeout(resolve, retryMs).unref());
        retryMs = Math.min(retryMs * 2, lastRetryMs);
      }
    }
    this.#writing = undefined;
  }
}
