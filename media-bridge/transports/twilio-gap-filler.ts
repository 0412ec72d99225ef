// Fills the holes in what a Twilio stream sends with silence: without it a model never hears the end of a turn.
import { bytesPerMs, createSilence, frameMs, mulaw8k } from '../audio/audio-format.ts';

/** Some calls send no frames while the caller is silent. Less than this is the network's jitter. */
const quietMs = 100;
/** Longer holes are not filled to their end: by then every model has ended the turn. */
const maxFillMs = 10_000;
const bytesAMs = bytesPerMs(mulaw8k);

export class TwilioGapFiller {
  readonly #deliver: (audio: Buffer) => void;
  readonly #now: () => number;
  /** The stream's own time up to which audio was delivered; undefined before the first frame. */
  #positionMs: number | undefined;
  #arrivedAtMs: number;
  /** Silence made up since the last frame came. */
  #filledMs = 0;

  constructor(deliver: (audio: Buffer) => void, now: () => number) {
    this.#deliver = deliver;
    this.#now = now;
    this.#arrivedAtMs = now();
  }

  receive(timestampMs: number, audio: Buffer): void {
    // Frames that are only late (their silence was made up already) are delivered all the same: no word is dropped.
    const missingMs = Math.min(timestampMs - (this.#positionMs ?? timestampMs), maxFillMs - this.#filledMs);
    if (missingMs >= 1) this.#deliver(createSilence(mulaw8k, missingMs));
    this.#positionMs = timestampMs + audio.length / bytesAMs;
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
      if (this.#positionMs !== undefined) this.#positionMs += frameMs;
      this.#deliver(createSilence(mulaw8k, frameMs));
    }
  }
}
