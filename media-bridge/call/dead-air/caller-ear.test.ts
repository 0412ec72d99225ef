// What is taken for the caller's voice by its sound alone.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type AudioFormat, createSilence, mulaw8k, pcm16k } from '../../audio/audio-format.ts';
import { createTone } from '../../audio/audio-measures.ts';
import { encodeMulaw } from '../../audio/mulaw.ts';
import { TestClock } from '../../audio/testing/test-clock.ts';
import { CallerEar } from './caller-ear.ts';

function setUp(t: TestContext, format: AudioFormat = pcm16k) {
  const clock = new TestClock(t);
  const ear = new CallerEar(format);
  const news: string[] = [];
  const hear = (ms: number, audioOf: (ms: number) => Buffer, isListening = true) => {
    for (let at = 0; at < ms; at += 20) {
      clock.pass(20);
      const event = ear.hear(audioOf(20), isListening);
      if (event) news.push(event.type);
    }
  };
  const loud = (ms: number): Buffer => {
    const samples = createTone(200, format.sampleRate, ms, 4_000);
    if (format.encoding === 'pcm16') return Buffer.from(samples.buffer);
    const bytes = Buffer.alloc(samples.length);
    encodeMulaw(samples, bytes);
    return bytes;
  };
  return {
    clock,
    ear,
    news,
    speak: (ms: number, isListening?: boolean) => hear(ms, loud, isListening),
    rest: (ms: number) => hear(ms, (length) => createSilence(format, length)),
  };
}

describe('CallerEar', () => {
  for (const format of [pcm16k, mulaw8k]) {
    it(`hears words begin, and that they have ended, in ${format.encoding}`, (t) => {
      const { news, speak, rest } = setUp(t, format);
      rest(500);
      speak(180);
      assert.deepEqual(news, []);
      speak(600);
      assert.deepEqual(news, ['began']);
      rest(760);
      assert.deepEqual(news, ['began']);
      rest(100);
      assert.deepEqual(news, ['began', 'ended']);
    });
  }

  it('takes the gaps between words for no end, and a cough for no words', (t) => {
    const { news, speak, rest } = setUp(t);
    rest(500);
    for (let words = 0; words < 4; words++) {
      speak(300);
      rest(500);
    }
    assert.deepEqual(news, ['began']);
    rest(500);
    assert.deepEqual(news, ['began', 'ended']);
    speak(300);
    rest(2_000);
    assert.deepEqual(news, ['began', 'ended', 'began']);
  });

  it('takes steady noise for silence after a second', (t) => {
    const { news, ear, clock, speak, rest } = setUp(t);
    rest(500);
    speak(20_000);
    assert.ok(clock.nowMs - ear.heardMs > 18_000);
    assert.deepEqual(news, ['began', 'ended']);
  });

  it('lets nothing begin while the agent sounds, whose echo may come back', (t) => {
    const { news, ear, clock, speak, rest } = setUp(t);
    rest(500);
    speak(900, false);
    assert.equal(ear.heardMs, clock.nowMs);
    rest(2_000);
    assert.deepEqual(news, []);
  });
});
