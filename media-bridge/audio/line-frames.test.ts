// Holds the cutting of a line's audio to streams that come in any pieces, beside other lines in the same memory.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { mulaw8k, pcm16k, pcm24k } from './audio-format.ts';
import { LineFrames } from './line-frames.ts';
import { decodeMulaw } from './mulaw.ts';

const lines = [mulaw8k, pcm16k, pcm24k, pcm16k].map((format, line) => {
  const audio = Buffer.from(Uint8Array.from({ length: 20_000 }, (_, i) => (i * (line + 3)) % 251));
  const heard: number[] = [];
  return { format, audio, heard, frames: new LineFrames(format), at: 0 };
});

it('cuts each of several lines into its own frames, in whatever pieces they come', () => {
  const lengths = [640, 1, 1279, 0, 333, 960, 160, 3_000];
  for (let turn = 0; lines.some(({ at, audio }) => at < audio.length); turn++) {
    const line = lines[turn % lines.length]!;
    const piece = line.audio.subarray(line.at, line.at + lengths[turn % lengths.length]!);
    line.at += lengths[turn % lengths.length]!;
    line.frames.cut(piece, (samples) => {
      assert.equal(samples.length, line.format.sampleRate / 50);
      line.heard.push(...samples);
    });
  }
  for (const { format, audio, heard } of lines) {
    const samples = new Int16Array(audio.length);
    const count = format.encoding === 'mulaw' ? decodeMulaw(audio, samples) : audio.length / 2;
    if (format.encoding === 'pcm16') audio.copy(Buffer.from(samples.buffer));
    const whole = count - (count % (format.sampleRate / 50));
    assert.deepEqual(heard, [...samples.subarray(0, whole)]);
  }
});
