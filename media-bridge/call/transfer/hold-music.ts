// What a caller on hold hears: a slow, soft tune, made here, for as long as it lasts.
import { createAudioConverter } from '../../audio/audio-converter.ts';
import { type AudioFormat, bytesPerMs, pcm16k } from '../../audio/audio-format.ts';
import type { MediaLeg } from '../media-leg.ts';

/** Of a pentatonic scale, in which no two notes clash. 0 is a rest. */
const tuneHz = [392, 523, 587, 659, 587, 523, 440, 392, 440, 523, 440, 392, 330, 392, 0, 0];
const noteMs = 450;
/** Softer than speech. */
const peak = 2_500;
/** A note of a plucked string: loud at once, and then less and less. */
const fadeMs = 180;
/** So much lies on the line ahead: whoever takes the caller off hold clears it. */
const aheadMs = 1_000;
const feedEveryMs = 400;

export type MusicLine = Pick<MediaLeg, 'format' | 'sentMs' | 'playedMs' | 'sendAudio' | 'clearAudio' | 'isConnected'>;

export class HoldMusic {
  readonly #line: MusicLine;
  #timer: NodeJS.Timeout | undefined;
  #tune: Buffer | undefined;
  #positionBytes = 0;

  constructor(line: MusicLine) {
    this.#line = line;
  }

  /** Idempotent. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#tune ??= createTune(this.#line.format);
    this.#positionBytes = 0;
    this.#timer = setInterval(() => this.#feed(), feedEveryMs);
    this.#feed();
  }

  /** Idempotent. The line is silent at once. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#line.clearAudio();
  }

  #feed(): void {
    const { format, sentMs, playedMs, isConnected } = this.#line;
    if (!isConnected) return;
    const missingMs = aheadMs - (sentMs - playedMs);
    if (missingMs <= 0) return;
    const tune = this.#tune!;
    const bytes = Math.ceil(missingMs / 20) * 20 * bytesPerMs(format);
    const piece = tune.subarray(this.#positionBytes, this.#positionBytes + bytes);
    this.#positionBytes = (this.#positionBytes + piece.length) % tune.length;
    this.#line.sendAudio(piece);
  }
}

function createTune(format: AudioFormat): Buffer {
  const noteSamples = (pcm16k.sampleRate / 1000) * noteMs;
  const samples = new Int16Array(noteSamples * tuneHz.length);
  for (const [note, hz] of tuneHz.entries()) {
    for (let i = 0; hz > 0 && i < noteSamples; i++) {
      const loudness = Math.min(1, i / 160) * Math.exp(-(i * 1000) / pcm16k.sampleRate / fadeMs);
      samples[note * noteSamples + i] = Math.round(
        peak * loudness * Math.sin((2 * Math.PI * hz * i) / pcm16k.sampleRate),
      );
    }
  }
  return Buffer.from(createAudioConverter(pcm16k, format).convert(Buffer.from(samples.buffer)));
}
