// What is taken for somebody's voice by its sound alone.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type AudioFormat, mulaw8k, pcm16k } from './audio-format.ts';
import { encodeMulaw } from './mulaw.ts';
import { TestClock } from './testing/test-clock.ts';
import { VoiceDetector } from './voice-detector.ts';

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

/** A line that is heard frame by frame, in its own time. */
function setUp(t: TestContext, pauseMs: number) {
  const clock = new TestClock(t);
  const detector = new VoiceDetector({ format: pcm16k, pauseMs });
  const news: string[] = [];
  const hear = (ms: number, peak: number, { noise = 10, isListening = true } = {}) => {
    const audio = sound(pcm16k, ms, peak, noise);
    for (let at = 0; at < audio.length; at += 640) {
      clock.pass(20);
      for (const change of detector.push(audio.subarray(at, at + 640), isListening))
        news.push(change.type === 'began' ? 'began' : `ended ${change.loudMs}, ${clock.nowMs - change.beganMs} ago`);
    }
  };
  return { clock, detector, news, hear };
}

describe('VoiceDetector', () => {
  for (const format of [pcm16k, mulaw8k]) {
    it(`hears a voice begin and end in ${format.encoding}, however the audio is chopped`, () => {
      const audio = Buffer.concat([sound(format, 500, 0), sound(format, 1_000, 3_000), sound(format, 1_000, 0)]);
      for (const bytes of [1, 160, 333, audio.length]) {
        const detector = new VoiceDetector({ format, pauseMs: 600 });
        const changes = [];
        for (let at = 0; at < audio.length; at += bytes)
          for (const change of detector.push(audio.subarray(at, at + bytes)))
            changes.push(change.type === 'began' ? 'began' : change.loudMs);
        assert.deepEqual(changes, ['began', 800], `${bytes} bytes`);
      }
    });
  }

  it('takes a pause for the end only when it is as long as was asked for, and tells when it all began', (t) => {
    const { news, hear } = setUp(t, 800);
    hear(500, 0);
    for (let words = 0; words < 3; words++) {
      hear(400, 3_000);
      hear(700, 0);
    }
    assert.deepEqual(news, ['began']);
    hear(200, 0);
    assert.deepEqual(news, ['began', 'ended 960, 3340 ago']);
  });

  it('takes a noise that begins for a voice, and for no longer than a second', (t) => {
    const { clock, detector, news, hear } = setUp(t, 600);
    hear(1_000, 0);
    hear(5_000, 900, { noise: 900 });
    assert.deepEqual(news, ['began', 'ended 980, 1560 ago']);
    assert.ok(clock.nowMs - detector.heardMs > 4_000);
  });

  it('hears no voice in clicks, in a quiet line and in steady noise', (t) => {
    for (const [ms, peak, noise] of [
      [3_000, 0, 100],
      [140, 8_000, 10],
      [3_000, 0, 10],
      [3_000, 900, 900],
    ] as const) {
      const { news, hear } = setUp(t, 600);
      hear(ms, peak, { noise });
      assert.deepEqual(news, [], `${ms} ms at ${peak}`);
    }
  });

  it('lets nothing begin while an echo may come back, though it hears it', (t) => {
    const { clock, detector, news, hear } = setUp(t, 600);
    hear(500, 0);
    hear(760, 3_000, { isListening: false });
    assert.equal(detector.heardMs, clock.nowMs);
    hear(2_000, 0);
    assert.deepEqual(news, []);
  });
});
