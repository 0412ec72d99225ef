// Makes up silence while ACS sends no audio: without it a model never hears the end of a turn.
import { type AudioFormat, createSilence, frameMs } from '../audio/audio-format.ts';

/** Frames come every 20 ms, silence included. Less of a hole than this is the network's jitter. */
const quietMs = 100;
/** Longer holes are not filled to their end: by then every model has ended the turn. */
const maxFillMs = 10_000;

export class AcsGapFiller {
  readonly #silence: Buffer;
  readonly #deliver: (audio: Buffer) => void;
  readonly #now: () => number;
  #arrivedAtMs: number;
  /** Silence made up since the last frame came. */
  #filledMs = 0;

  constructor(format: AudioFormat, deliver: (audio: Buffer) => void, now: () => number) {
    this.#silence = createSilence(format, frameMs);
    this.#deliver = deliver;
    this.#now = now;
    this.#arrivedAtMs = now();
  }

  /** Frames that were only late are delivered all the same: no word is dropped. */
  receive(audio: Buffer): void {
    this.#arrivedAtMs = this.#now();
    this.#filledMs = 0;
    this.#deliver(audio);
  }

  /** To be called every frame. */
  tick(): void {
    const quiet = Math.min(this.#now() - this.#arrivedAtMs, maxFillMs);
    if (quiet <= quietMs) return;
    while (this.#filledMs + frameMs <= quiet) {
      this.#filledMs += frameMs;
      this.#deliver(Buffer.from(this.#silence));
    }
  }
}
