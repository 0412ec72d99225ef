// That a phone's sound survives the formats of the carriers' wires, in both directions.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type AudioFormat, mulaw8k, pcm16k, pcm24k } from '../voice/audio-format.ts';
import { createTone, fitTone } from '../voice/tone.ts';
import { LineAudio } from './line-audio.ts';

const wires: readonly (readonly [name: string, format: AudioFormat, frameBytes: number, leastSnrDb: number])[] = [
  ['PCM at 16 kHz', pcm16k, 640, 80],
  ['PCM at 24 kHz', pcm24k, 960, 70],
  ['mu-law', mulaw8k, 160, 35],
];
for (const [name, format, frameBytes, leastSnrDb] of wires) {
  it(`goes over ${name} frame by frame, there and back`, () => {
    const [there, back] = [new LineAudio(format), new LineAudio(format)];
    const tone = createTone(730, 1000, 16000);
    const heard = new Int16Array(tone.length);
    for (let at = 0; at < tone.length; at += 320) {
      const frame = there.toWire(tone.subarray(at, at + 320));
      assert.equal(frame.length, frameBytes);
      const samples = back.toPhone(frame);
      assert.equal(samples.length, 320);
      heard.set(samples, at);
    }
    const { snrDb, amplitude } = fitTone(heard.subarray(1600), 16000, 730);
    assert.ok(snrDb > leastSnrDb, `${snrDb} dB`);
    assert.ok(Math.abs(amplitude / 8000 - 1) < 0.01, `${amplitude}`);
  });
}
