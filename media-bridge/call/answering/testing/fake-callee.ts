// Whoever picks up in a test: talks, beeps and is silent, in frames of mu-law as a carrier sends them.

import { createAudioConverter } from '../../../audio/audio-converter.ts';
import { type AudioFormat, frameBytes, mulaw8k } from '../../../audio/audio-format.ts';
import type { FakeTransport } from '../../testing/fake-legs.ts';

const pcm8k: AudioFormat = { encoding: 'pcm16', sampleRate: 8000 };
const samplesPerMs = 8;

export class FakeCallee {
  readonly #transport: FakeTransport;
  readonly #toCarrier = createAudioConverter(pcm8k, mulaw8k);

  constructor(transport: FakeTransport) {
    this.#transport = transport;
  }

  /** A buzz with harmonics in syllables of 200 ms. */
  talks(ms: number): this {
    return this.#send(ms, (atMs) => {
      const mouth = Math.sin((Math.PI * (atMs % 200)) / 200) ** 0.7;
      const voice = [1, 2, 3, 5, 7].reduce((sum, n) => sum + Math.sin((2 * Math.PI * 140 * n * atMs) / 1000), 0);
      return 2500 * mouth * voice;
    });
  }

  beeps(ms = 400, hz = 1000): this {
    return this.#send(ms, (atMs) => 8000 * Math.sin((2 * Math.PI * hz * atMs) / 1000));
  }

  isSilent(ms: number): this {
    return this.#send(ms, () => 0);
  }

  #send(ms: number, sampleAt: (atMs: number) => number): this {
    const samples = Int16Array.from({ length: ms * samplesPerMs }, (_, i) => Math.round(sampleAt(i / samplesPerMs)));
    const audio = Buffer.from(this.#toCarrier.convert(Buffer.from(samples.buffer)));
    const step = frameBytes(mulaw8k);
    for (let at = 0; at < audio.length; at += step)
      this.#transport.emit({ type: 'audio', audio: audio.subarray(at, at + step) });
    return this;
  }
}
