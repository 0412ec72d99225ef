// Joins two legs of a call: turns a stream of bytes in one audio format into a stream of bytes in another.
import { type AudioFormat, isSameFormat } from './audio-format.ts';
import { createResampler } from './create-resampler.ts';
import { decodeMulaw, encodeMulaw } from './mulaw.ts';
import type { Resampler } from './resampler.ts';
import { SampleBuffer } from './sample-buffer.ts';

/** Of all streams: what lies in them means nothing once a chunk is converted. */
const decoded = new SampleBuffer();
const resampled = new SampleBuffer();

/** For one direction of one call. */
export type AudioConverter = {
  /** Both formats are the same: `convert` gives back the very buffer it was given. */
  readonly identity: boolean;
  /**
   * Takes any number of bytes, also half samples: what does not make a whole one waits for the rest. The result belongs
   * to the converter and holds until the next call.
   */
  convert(audio: Buffer): Buffer;
  /** Forgets the half sample and the sound before. For what does not continue them: a reply after one that was cut. */
  reset(): void;
};

/** At another rate the samples come out 1.4 to 2.3 ms later than they went in. */
export function createAudioConverter(from: AudioFormat, to: AudioFormat): AudioConverter {
  if (isSameFormat(from, to)) return { identity: true, convert: (audio) => audio, reset: () => {} };
  return new StreamConverter(from, to);
}

class StreamConverter implements AudioConverter {
  readonly identity = false;
  readonly #from: AudioFormat;
  readonly #to: AudioFormat;
  readonly #resampler: Resampler | undefined;
  /** Of the last step alone. */
  readonly #result = new SampleBuffer();
  /** The low byte of a sample whose high byte has not come. */
  #halfSample: number | undefined;

  constructor(from: AudioFormat, to: AudioFormat) {
    this.#from = from;
    this.#to = to;
    if (from.sampleRate !== to.sampleRate) this.#resampler = createResampler(from.sampleRate, to.sampleRate);
  }

  convert(audio: Buffer): Buffer {
    const result = this.#result;
    const resampler = this.#resampler;
    const isEncoded = this.#to.encoding === 'mulaw';
    let samples = resampler || isEncoded ? decoded : result;
    let count = this.#from.encoding === 'mulaw' ? decode(audio, samples) : this.#readPcm16(audio, samples);
    if (resampler) {
      const input = samples;
      samples = isEncoded ? resampled : result;
      samples.reserve(resampler.maxOutputSamples(count));
      count = resampler.process(input.samples, samples.samples, count);
    }
    if (!isEncoded) return result.firstBytes(count * 2);
    result.reserve((count + 1) >> 1);
    return result.firstBytes(encodeMulaw(samples.samples, result.bytes, count));
  }

  reset(): void {
    this.#halfSample = undefined;
    this.#resampler?.reset();
  }

  /** Always copied (40 ns a frame): samples at an odd address cannot be read in place. */
  #readPcm16(audio: Buffer, into: SampleBuffer): number {
    const carried = this.#halfSample === undefined ? 0 : 1;
    const length = carried + audio.length;
    into.reserve((length + 1) >> 1);
    const { bytes } = into;
    if (this.#halfSample !== undefined) bytes[0] = this.#halfSample;
    audio.copy(bytes, carried);
    this.#halfSample = length % 2 === 1 ? bytes[length - 1] : undefined;
    return length >> 1;
  }
}

function decode(mulaw: Buffer, into: SampleBuffer): number {
  into.reserve(mulaw.length);
  return decodeMulaw(mulaw, into.samples);
}
