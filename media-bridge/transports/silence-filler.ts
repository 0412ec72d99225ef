// Makes up silence where a carrier sends no audio: without it a model never hears the end of a turn.
import { type AudioFormat, bytesPerMs, createSilence, frameMs } from '../audio/audio-format.ts';
import { MediaCounts } from '../audio/media-counts.ts';

/**
 * Frames come every 20 ms, though on some calls of Twilio none while the caller is silent. A hiccup of the network is shorter than
 * this, and silence in the middle of a word makes another word of it. Nothing is lost by waiting: the whole hole is made up at
 * once then, and models take half a second of silence for the end of a turn.
 */
const quietMs = 400;
/**
 * In the midst of speech: whoever sends nothing in silence stops in silence, so that a stream that stops there is held up, and its
 * words come in a burst. Silence between them would make two turns of one. Longer than any hiccup that a media socket outlives.
 */
const heldUpMs = 2_000;
/** Between two words; with `quietMs` of made-up silence after it the turn is over for any model. */
const pauseMs = 300;
/** Longer holes are not filled to their end: by then every model has ended the turn. */
const maxFillMs = 10_000;

export class SilenceFiller {
  readonly #format: AudioFormat;
  readonly #deliver: (audio: Buffer) => void;
  readonly #counts: MediaCounts;
  /** The stream's own time up to which audio was delivered; undefined before the first frame that tells it. */
  #positionMs: number | undefined;
  #arrivedAtMs = performance.now();
  /** Silence made up since the last frame came. */
  #filledMs = 0;
  /** The stream's own time where its last frame ended. */
  #toldMs = 0;
  #isRestful = false;
  /** Of the audio since the last frame with speech in it. */
  #pauseMs = Number.POSITIVE_INFINITY;

  constructor(format: AudioFormat, deliver: (audio: Buffer) => void, counts = new MediaCounts()) {
    this.#counts = counts;
    this.#format = format;
    this.#deliver = deliver;
  }

  /** The carrier has left out frames: its own time went on meanwhile as ours did. */
  get isRestful(): boolean {
    return this.#isRestful;
  }

  /** A carrier that is known to rest may do so as soon as it hears nothing. */
  private get isMidSpeech(): boolean {
    return this.#pauseMs === 0 || (!this.#isRestful && this.#pauseMs <= pauseMs);
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
      // Stamps are off their grid by a millisecond: what is lost is lost in whole frames.
      const missingFrames = Math.round((timestampMs - (this.#positionMs ?? timestampMs)) / frameMs);
      const missingMs = Math.min(missingFrames * frameMs, maxFillMs - this.#filledMs);
      if (missingMs > 0) this.#fill(missingMs);
      this.#positionMs = timestampMs + audio.length / bytesPerMs(this.#format);
    }
    this.#arrivedAtMs = performance.now();
    this.#filledMs = 0;
    this.#pauseMs = isLoud(audio, this.#format) ? 0 : this.#pauseMs + audio.length / bytesPerMs(this.#format);
    this.#deliver(audio);
  }

  /** In how many ms it wants to be called again. */
  get tickInMs(): number {
    return Math.max(frameMs, quietMs - (performance.now() - this.#arrivedAtMs));
  }

  /** Makes up what is missing by now. */
  tick(): void {
    const quiet = Math.min(performance.now() - this.#arrivedAtMs, maxFillMs);
    if (quiet <= (this.isMidSpeech ? heldUpMs : quietMs)) return;
    while (this.#filledMs + frameMs <= quiet) {
      this.#filledMs += frameMs;
      if (this.#positionMs !== undefined) this.#positionMs += frameMs;
      this.#fill(frameMs);
    }
  }

  #fill(ms: number): void {
    this.#counts.filledMs += ms;
    this.#deliver(createSilence(this.#format, ms));
  }
}

/** About -36 dBFS: over the noise of a line, under any syllable. */
const loudSample = 500;
/** Codes without their sign grow with the sample; this one is 524. */
const loudCode = 0x24;
const everyNthSample = 4;

function isLoud(audio: Buffer, { encoding }: AudioFormat): boolean {
  if (encoding === 'mulaw') {
    for (let i = 0; i < audio.length; i += everyNthSample) if ((~audio[i]! & 0x7f) >= loudCode) return true;
    return false;
  }
  for (let i = 0; i + 1 < audio.length; i += 2 * everyNthSample) {
    if (Math.abs(audio.readInt16LE(i)) >= loudSample) return true;
  }
  return false;
}
