// The model named `echo`: whatever sound it hears it says again, so that a tone can be measured through both directions.

import type { AudioFormat } from '../voice/audio-format.ts';
import { resample } from '../voice/resample.ts';
import { levelDb } from '../voice/tone.ts';
import { type ResponseFrame, ResponseWriter } from './response-writer.ts';

/** Quieter than this is not worth an echo. */
const leastLevelDb = -50;
const deltaMs = 250;
/** Silence that ends the echo. */
const silenceMs = 1000;

/** Pieces are converted to another rate with this much of their neighbours on each side, so that no seam is heard. */
const seamMs = 10;

export class EchoReply {
  readonly #createFrame: () => ResponseFrame;
  #frame: ResponseFrame | undefined;
  #writer: ResponseWriter | undefined;
  #pending: number[] = [];
  #quietMs = 0;

  constructor(createFrame: () => ResponseFrame) {
    this.#createFrame = createFrame;
  }

  push(samples: Int16Array, { sampleRate }: AudioFormat): void {
    const loud = levelDb(samples) > leastLevelDb;
    this.#quietMs = loud ? 0 : this.#quietMs + (samples.length * 1000) / sampleRate;
    if (!loud && !this.#writer) return;
    if (!this.#writer) this.#start(sampleRate);
    for (const sample of samples) this.#pending.push(sample);
    const seam = (sampleRate * seamMs) / 1000;
    const size = (sampleRate * deltaMs) / 1000;
    while (this.#pending.length >= size + 2 * seam) {
      this.#say(Int16Array.from(this.#pending.slice(0, size + 2 * seam)), sampleRate);
      this.#pending.splice(0, size);
    }
    if (this.#quietMs >= silenceMs) this.stop();
  }

  /** Ends the echo, if there is one. */
  stop(): void {
    this.#writer?.done('completed', null);
    this.#writer = undefined;
    this.#pending = [];
  }

  #start(sampleRate: number): void {
    this.#frame = this.#createFrame();
    this.#writer = new ResponseWriter(this.#frame);
    this.#writer.created();
    this.#writer.openMessage();
    this.#writer.word('(echo)');
    this.#pending = new Array((sampleRate * seamMs) / 1000).fill(0);
  }

  #say(samples: Int16Array, sampleRate: number): void {
    const outHz = this.#frame!.format.sampleRate;
    const seam = (outHz * seamMs) / 1000;
    this.#writer!.audio(resample(samples, sampleRate, outHz).slice(seam, -seam));
  }
}
