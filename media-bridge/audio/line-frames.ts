// Cuts the audio of a line into frames of 20 ms, as samples, in whatever lengths it comes.
import { type AudioFormat, frameBytes } from './audio-format.ts';
import { decodeMulaw } from './mulaw.ts';

interface Frame {
  readonly samples: Int16Array;
  readonly bytes: Buffer;
}

/** Of all lines, by their number of samples. */
const frames = new Map<number, Frame>();

export class LineFrames {
  readonly #isMulaw: boolean;
  readonly #bytes: number;
  readonly #frame: Frame;
  /** The beginning of a frame whose end has not come. Whoever sends whole frames needs none. */
  #begun: Buffer | undefined;
  #begunBytes = 0;

  constructor(format: AudioFormat) {
    this.#isMulaw = format.encoding === 'mulaw';
    this.#bytes = frameBytes(format);
    this.#frame = lendFrame(this.#isMulaw ? this.#bytes : this.#bytes / 2);
  }

  /** The samples hold until `onFrame` returns. */
  cut(audio: Buffer, onFrame: (samples: Int16Array) => void): void {
    let at = 0;
    if (this.#begunBytes > 0) {
      at = audio.copy(this.#begun!, this.#begunBytes);
      this.#begunBytes += at;
      if (this.#begunBytes < this.#bytes) return;
      this.#begunBytes = 0;
      onFrame(this.#read(this.#begun!, 0));
    }
    for (; at + this.#bytes <= audio.length; at += this.#bytes) onFrame(this.#read(audio, at));
    if (at === audio.length) return;
    this.#begun ??= Buffer.allocUnsafeSlow(this.#bytes);
    this.#begunBytes = audio.copy(this.#begun, 0, at);
  }

  #read(audio: Buffer, at: number): Int16Array {
    const { samples, bytes } = this.#frame;
    if (!this.#isMulaw) audio.copy(bytes, 0, at, at + this.#bytes);
    else decodeMulaw(audio.length === this.#bytes ? audio : audio.subarray(at, at + this.#bytes), samples);
    return samples;
  }
}

function lendFrame(count: number): Frame {
  const known = frames.get(count);
  if (known) return known;
  const samples = new Int16Array(count);
  const frame = { samples, bytes: Buffer.from(samples.buffer) };
  frames.set(count, frame);
  return frame;
}
