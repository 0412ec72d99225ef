// What a caller really does, and when: for ears that stand for recognition, and for the score. One call at a time.
import { phoneFrameMs } from '../../caller/phone.ts';
import type { Utterance } from './utterance.ts';

/** `fromMs` by the monotonic clock. */
export interface Uttered {
  readonly utterance: Utterance;
  readonly fromMs: number;
  readonly toMs: number;
  /** One after the other, through all calls of a world. */
  readonly number: number;
}

/** What nobody asks for any more. */
const kept = 200;

export class CallerTruth {
  /** Of the call of this moment. */
  snrDb = 25;
  wordErrors = 0;
  readonly #uttered: Uttered[] = [];
  #count = 0;

  get uttered(): readonly Uttered[] {
    return this.#uttered;
  }

  /** Its first 20 ms are on their way. */
  begin(utterance: Utterance): Uttered {
    const fromMs = performance.now() - phoneFrameMs;
    const toMs = fromMs + utterance.voiced.at(-1)!.toMs;
    const uttered = { utterance, fromMs, toMs, number: this.#count++ };
    this.#uttered.push(uttered);
    if (this.#uttered.length > kept) this.#uttered.shift();
    return uttered;
  }
}
