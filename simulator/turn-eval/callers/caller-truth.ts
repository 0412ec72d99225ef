// What a caller really does, and when: for ears that stand for recognition, and for the score. One call at a time.
import { phoneFrameMs } from '../../caller/phone.ts';
import type { Utterance } from './utterance.ts';

/** `fromMs` by the monotonic clock. */
export interface Uttered {
  readonly utterance: Utterance;
  readonly fromMs: number;
  readonly toMs: number;
  /** Of the call and the sound: what ears make of it is drawn by it. */
  readonly seed: number;
}

export interface TrueCall {
  readonly seed: number;
  readonly snrDb: number;
  /** Of the words that recognition gets wrong. */
  readonly wordErrors: number;
}

/** What nobody asks for any more. */
const kept = 200;

export class CallerTruth {
  readonly #uttered: Uttered[] = [];
  #call: TrueCall = { seed: 0, snrDb: 25, wordErrors: 0 };
  #count = 0;

  get uttered(): readonly Uttered[] {
    return this.#uttered;
  }

  get call(): TrueCall {
    return this.#call;
  }

  /** Whatever is heard from now on is of this call. */
  beginCall(call: TrueCall): void {
    this.#call = call;
    this.#count = 0;
  }

  /** Its first 20 ms are on their way. */
  begin(utterance: Utterance): Uttered {
    const fromMs = performance.now() - phoneFrameMs;
    const toMs = fromMs + utterance.voiced.at(-1)!.toMs;
    const uttered = { utterance, fromMs, toMs, seed: this.#call.seed * 1_000 + this.#count++ };
    this.#uttered.push(uttered);
    if (this.#uttered.length > kept) this.#uttered.shift();
    return uttered;
  }
}
