// Tests of hearing that somebody speaks.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type AudioFormat, mulaw8k, pcm16k } from '../../audio/audio-format.ts';
import { encodeMulaw } from '../../audio/mulaw.ts';
import { CallerVoice } from './caller-voice.ts';

/** Syllables: 160 ms of sound, 40 ms of gap, at this loudness over noise of that one. */
function sound(format: AudioFormat, ms: number, peak: number, noise = 10): Buffer {
  const samples = Int16Array.from({ length: (format.sampleRate * ms) / 1_000 }, (_, i) => {
    const isGap = ((i * 1_000) / format.sampleRate) % 200 >= 160;
    return (i % 2 ? -1 : 1) * (isGap ? noise : Math.max(noise, peak));
  });
  if (format.encoding === 'pcm16') return Buffer.from(samples.buffer);
  const bytes = Buffer.alloc(samples.length);
  encodeMulaw(samples, bytes);
  return bytes;
}

for (const format of [pcm16k, mulaw8k]) {
  it(`hears a voice begin and end in ${format.encoding}, however the audio is chopped`, () => {
    const audio = Buffer.concat([sound(format, 500, 0), sound(format, 1_000, 3_000), sound(format, 1_000, 0)]);
    for (const bytes of [1, 160, 333, audio.length]) {
      const voice = new CallerVoice(format);
      const changes = [];
      for (let at = 0; at < audio.length; at += bytes) changes.push(...voice.push(audio.subarray(at, at + bytes)));
      assert.deepEqual(changes, [{ type: 'began' }, { type: 'ended', loudMs: 800 }], `${bytes} bytes`);
    }
  });
}

it('takes a noise that begins for a voice, and for no longer than a second', () => {
  const voice = new CallerVoice(pcm16k);
  voice.push(sound(pcm16k, 1_000, 0));
  const changes = voice.push(sound(pcm16k, 5_000, 900, 900));
  assert.deepEqual(changes, [{ type: 'began' }, { type: 'ended', loudMs: 980 }]);
});

it('hears no voice in clicks, in a quiet line and in steady noise', () => {
  for (const [ms, peak, noise] of [
    [3_000, 0, 100],
    [140, 8_000, 10],
    [3_000, 0, 10],
    [3_000, 900, 900],
  ] as const)
    assert.deepEqual(new CallerVoice(pcm16k).push(sound(pcm16k, ms, peak, noise)), [], `${ms} ms at ${peak}`);
});
