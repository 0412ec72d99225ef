// Puts the sound of a phone into the format of a carrier's wire and back, frame by frame.
import { phoneSampleRate } from '../caller/phone.ts';
import { type AudioFormat, decodeAudio, encodeAudio } from '../voice/audio-format.ts';
import { StreamResampler } from '../voice/resample.ts';

export class LineAudio {
  readonly #format: AudioFormat;
  readonly #up: StreamResampler | undefined;
  readonly #down: StreamResampler | undefined;

  constructor(format: AudioFormat) {
    this.#format = format;
    if (format.sampleRate === phoneSampleRate) return;
    this.#up = new StreamResampler(phoneSampleRate, format.sampleRate);
    this.#down = new StreamResampler(format.sampleRate, phoneSampleRate);
  }

  /** What the phone's microphone picked up, for the wire. */
  toWire(samples: Int16Array): Buffer {
    return encodeAudio(this.#up?.push(samples) ?? samples, this.#format);
  }

  /** What came over the wire, for the phone's earpiece. Other samples than before at each call. */
  toPhone(bytes: Uint8Array): Int16Array {
    const samples = decodeAudio(bytes, this.#format);
    return this.#down?.push(samples) ?? samples;
  }
}
