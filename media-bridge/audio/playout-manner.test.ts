// The manners of a playout: soft, paused at its quietest point, and on with the sample behind it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertNear, startTestPlayout } from './testing/test-playout.ts';

describe('a manner of the playout', () => {
  /** A steady tone has no quiet point, and each of its samples is loud. */
  const steady = (ms: number) => {
    const audio = Buffer.alloc(ms * 32);
    for (let i = 0; i < audio.length / 2; i++) audio.writeInt16LE(8_000, 2 * i);
    return audio;
  };
  const samplesOf = (frames: readonly { readonly audio: Buffer }[]) => {
    const audio = Buffer.concat(frames.map((frame) => frame.audio));
    return Array.from({ length: audio.length / 2 }, (_, i) => audio.readInt16LE(2 * i));
  };

  it('keeps to 30 ms ahead of the ear while somebody may be speaking, without a gap on the way there', (t) => {
    const { clock, frames, playout } = startTestPlayout(t);
    playout.enqueue(steady(1_000));
    playout.manner = 'alert';
    clock.pass(160);
    assert.equal(frames.length, 10, 'what is ahead is heard first');
    clock.pass(30);
    assert.equal(frames.length, 11);
    clock.pass(20);
    assert.equal(frames.length, 12);
    playout.manner = 'steady';
    assert.equal(frames.length, 20);
  });

  it('is soft within two frames and 40 ms, by 12 dB and in a ramp, and as loud as before again', (t) => {
    const { clock, frames, playout } = startTestPlayout(t);
    playout.enqueue(steady(2_000));
    playout.manner = 'alert';
    clock.pass(400);
    playout.manner = 'soft';
    const sent = frames.length;
    clock.pass(100);
    const soft = samplesOf(frames.slice(sent));
    assert.equal(soft.at(-1), 2_000);
    const steps = soft.slice(1).map((sample, i) => Math.abs(sample - soft[i]!));
    assert.ok(Math.max(...steps) <= 11, 'no click');
    playout.manner = 'steady';
    clock.pass(200);
    assert.equal(samplesOf(frames).at(-1), 8_000);
  });

  it('pauses at the quietest point of the next 60 ms, and goes on with the sample behind it', (t) => {
    const { clock, frames, playout, playedOutAtMs } = startTestPlayout(t);
    const audio = steady(1_000);
    // Quiet from 230 ms to 240 ms; 200 ms are on their way when the pause is asked for.
    audio.fill(0, 230 * 32, 240 * 32);
    for (let i = 0; i < audio.length / 2; i++)
      if (audio.readInt16LE(2 * i) !== 0) audio.writeInt16LE(4_000 + (i % 4_000), 2 * i);
    playout.enqueue(audio);
    playout.manner = 'paused';
    clock.pass(400);
    assert.equal(frames.length, 12);
    assertNear(playout.playedMs, 235);
    assert.deepEqual(playedOutAtMs, [], 'the rest waits');
    playout.manner = 'steady';
    clock.pass(2_000);
    assertNear(playout.playedMs, 1_000);
    assert.equal(playedOutAtMs.length, 1);
    const heard = samplesOf(frames);
    const original = samplesOf([{ audio }]);
    assert.deepEqual(heard.slice(0, 220 * 16), original.slice(0, 220 * 16));
    // Behind the 20 ms in which it rises again.
    assert.deepEqual(heard.slice((240 + 20) * 16, (240 + 700) * 16), original.slice((235 + 20) * 16, (235 + 700) * 16));
  });

  it('says what comes behind a clear at once and as loud as ever', (t) => {
    const { clock, frames, playout } = startTestPlayout(t);
    playout.enqueue(steady(500));
    playout.manner = 'soft';
    clock.pass(100);
    playout.manner = 'paused';
    clock.pass(400);
    playout.clear();
    const sent = frames.length;
    playout.enqueue(steady(100));
    clock.pass(200);
    assert.ok(samplesOf(frames.slice(sent)).every((sample) => sample === 8_000));
  });
});
