// Makes up silence where a carrier sends no audio: without it a model never hears the end of a turn.
import { type AudioFormat, bytesPerMs, createSilence, frameMs } from '../audio/audio-format.ts';

/**
 * Frames come every 20 ms, though on some calls of Twilio none while the caller is silent. A hiccup of the network is shorter than
 * this, and silence in the middle of a word makes another word of it. Nothing is lost by waiting: the whole hole is made up at
 * once then, and models take half a second of silence for the end of a turn.
 */
const quietMs = 400;
/** Longer holes are not filled to their end: by then every model has ended the turn. */
const maxFillMs = 10_000;

export class SilenceFiller {
  readonly #format: AudioFormat;
  readonly #deliver: (audio: Buffer) => void;
  /** The stream's own time up to which audio was delivered; undefined before the first frame that tells it. */
  #positionMs: number | undefined;
  #arrivedAtMs = performance.now();
  /** Silence made up since the last frame came. */
  #filledMs = 0;
  /** The stream's own time where its last frame ended. */
  #toldMs = 0;
  #isRestful = false;

  constructor(format: AudioFormat, deliver: (audio: Buffer) => void) {
    this.#format = format;
    this.#deliver = deliver;
  }

  /** The carrier has left out frames: its own time went on meanwhile as ours did. */
  get isRestful(): boolean {
    return this.#isRestful;
  }

  /**
   * `timestampMs`: the stream's own time, of carriers that tell it; a jump of it is a hole too. Frames that are only late
   * (their silence was made up already) are delivered all the same: no word is dropped.
   */
  receive(audio: Buffer, timestampMs?: number): void {
    if (timestampMs !== undefined) {
      const isQuietBoth = Math.min(timestampMs - this.#toldMs, performance.now() - this.#arrivedAtMs) >= quietMs;
      this.#isRestful ||= isQuietBoth;
      this.#toldMs = timestampMs + audio.length / bytesPerMs(this.#format);
      const missingMs = Math.min(timestampMs - (this.#positionMs ?? timestampMs), maxFillMs - this.#filledMs);
      if (missingMs >= 1) this.#deliver(createSilence(this.#format, missingMs));
      this.#positionMs = timestampMs + audio.length / bytesPerMs(this.#format);
    }
    this.#arrivedAtMs = performance.now();
    this.#filledMs = 0;
    this.#deliver(audio);
  }

  /** To be called every frame. */
  tick(): void {
    const quiet = Math.min(performance.now() - this.#arrivedAtMs, maxFillMs);
    if (quiet <= quietMs) return;
    while (this.#filledMs + frameMs <= quiet) {
      this.#filledMs += frameMs;
      if (this.#positionMs !== undefined) this.#positionMs += frameMs;
      this.#deliver(createSilence(this.#format, frameMs));
    }
  }
}
