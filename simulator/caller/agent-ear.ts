// Listens to what comes out of an earpiece and tells when the agent speaks, for how long, and since when it is silent.
import { phoneFrameMs } from './phone.ts';

/** Root mean square of 16-bit samples: speech lies above 500, line noise and a codec's silence below 50. */
const speechLevel = 150;
/** The gaps between words and sentences of one reply are shorter. */
const endOfSpeechMs = 700;
/** For whoever calls in real time: on a busy machine a reply comes with holes in it. */
export const patientEndOfSpeechMs = 2_000;
/** A shorter burst is a click, or the rest of a reply that was just cut off. */
const shortestSpeechMs = 160;

export class AgentEar {
  readonly #endOfSpeechMs: number;
  #clockMs = 0;
  #startedMs: number | undefined;
  #lastSpeechMs = 0;
  #speechMs = 0;

  constructor(endsAfterMs = endOfSpeechMs) {
    this.#endOfSpeechMs = endsAfterMs;
  }

  /** True from the first loud frame until the silence was long enough. */
  get isSpeaking(): boolean {
    return this.#startedMs !== undefined;
  }

  /** How long the agent has been speaking; 0 while it does not. */
  get speakingForMs(): number {
    return this.#startedMs === undefined ? 0 : this.#clockMs - this.#startedMs;
  }

  get startedMs(): number | undefined {
    return this.#startedMs;
  }

  get silentForMs(): number {
    return this.#clockMs - this.#lastSpeechMs;
  }

  /** Where the last loud frame ended. */
  get lastSpeechMs(): number {
    return this.#lastSpeechMs;
  }

  /** What was heard so far is over: the next sound starts anew. */
  forget(): void {
    this.#startedMs = undefined;
    this.#speechMs = 0;
  }

  /** Takes 20 ms. The result tells of a change; `burst` was too short to be speech. */
  hear(samples: Int16Array): 'started' | 'finished' | 'burst' | undefined {
    this.#clockMs += phoneFrameMs;
    if (level(samples) >= speechLevel) {
      this.#lastSpeechMs = this.#clockMs;
      this.#speechMs += phoneFrameMs;
      if (this.#startedMs !== undefined) return undefined;
      this.#startedMs = this.#clockMs - phoneFrameMs;
      return 'started';
    }
    if (this.#startedMs === undefined || this.silentForMs < this.#endOfSpeechMs) return undefined;
    const wasSpeech = this.#speechMs >= shortestSpeechMs;
    this.forget();
    return wasSpeech ? 'finished' : 'burst';
  }
}

export function level(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / Math.max(1, samples.length));
}
