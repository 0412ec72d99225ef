// Holds the playout to the caller's ear, on a clock of the test's own.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mulaw8k, pcm16k, pcm24k } from './audio-format.ts';
import { Playout } from './playout.ts';
import { TestClock } from './testing/test-clock.ts';
import { assertNear, startTestPlayout } from './testing/test-playout.ts';

describe('pacing', () => {
  it('sends 200 ms at once and then one frame of 20 ms every 20 ms', (t) => {
    const { clock, frames, playout, audio } = startTestPlayout(t);
    playout.enqueue(audio(1000));
    assert.equal(frames.length, 10);
    for (let frame = 11; frame <= 50; frame++) {
      clock.pass(20);
      assert.equal(frames.length, frame);
    }
    assert.deepEqual(Buffer.concat(frames.map((frame) => frame.audio)), audio(1000));
    assert.ok(frames.every((frame) => frame.audio.length === 640));
  });

  it('is never further ahead of the ear than it may be, and never lets it wait, whatever the pieces', (t) => {
    const { clock, frames, playout, audio } = startTestPlayout(t, pcm24k, 100);
    const pieces = [250, 250, 7.5, 33.25, 0, 250, 1, 119, 250];
    let heldBack = 0;
    for (let ms = 0; ms < 1000; ms++) {
      if (ms % 60 === 0 && pieces.length > 0) playout.enqueue(audio(pieces.shift()!));
      clock.pass(1);
      const aheadMs = frames.length * 20 - (ms + 1);
      assert.ok(aheadMs <= 100, `${aheadMs} ms ahead`);
      if (aheadMs < 80 && playout.sentMs - frames.length * 20 >= 20) heldBack++;
    }
    // Timers are whole milliseconds: a frame may be one late.
    assert.equal(heldBack, 0);
  });

  it('joins pieces of any length to frames without a gap', (t) => {
    const { clock, frames, playout, audio } = startTestPlayout(t, mulaw8k);
    const whole = audio(400);
    for (let at = 0; at < whole.length; at += 77) playout.enqueue(whole.subarray(at, at + 77));
    clock.pass(400);
    assert.deepEqual(Buffer.concat(frames.map((frame) => frame.audio)), whole);
  });

  it('catches up after a timer that was late, and stays on the first clock', (t) => {
    const { clock, frames, playout, audio } = startTestPlayout(t);
    playout.enqueue(audio(2000));
    clock.pass(100);
    clock.stall(150);
    // 250 ms were heard and 200 ms are ahead, to the whole frame.
    assert.equal(frames.length, 22);
    clock.pass(10);
    assert.equal(frames.length, 23);
    assertNear(playout.playedMs, 260);
  });

  it('knows that the caller heard a gap when it slept for longer than it was ahead', (t) => {
    const { clock, frames, playedOutAtMs, playout, audio } = startTestPlayout(t);
    playout.enqueue(audio(1000));
    clock.stall(500);
    // 200 ms were heard and 300 ms of silence.
    assertNear(playout.playedMs, 200);
    assert.equal(frames.length, 20);
    clock.pass(100);
    assertNear(playout.playedMs, 300);
    clock.pass(700);
    assertNear(playedOutAtMs[0]!, 1300);
  });

  it('counts the frames that came too late, and none that was late and still in time, or had not come at all', (t) => {
    const { clock, playout, audio, counts } = startTestPlayout(t);
    playout.enqueue(audio(1000));
    clock.stall(150);
    assert.equal(counts.lateFrames, 0);
    clock.stall(500);
    assert.equal(counts.lateFrames, 1);
    clock.pass(2000);
    // The model made a pause, and the process a longer one.
    clock.stall(500);
    playout.enqueue(audio(300));
    clock.pass(1000);
    assert.equal(counts.lateFrames, 1);
  });

  it('does not drift in ten minutes of late timers', (t) => {
    const { clock, frames, playedOutAtMs, playout, audio } = startTestPlayout(t, mulaw8k);
    let turn = 0;
    clock.lateness = () => (turn++ * 7) % 16;
    playout.enqueue(audio(500));
    for (let second = 0; second < 600; second++) {
      playout.enqueue(audio(1000));
      clock.pass(1000);
      assertNear(playout.playedMs, (second + 1) * 1000);
    }
    clock.pass(600);
    assert.equal(frames.length, 30_025);
    assert.equal(playedOutAtMs.length, 1);
    assert.equal(playout.playedMs, 600_500);
  });

  it('runs one timer while there is audio, and none without', (t) => {
    const { clock, playout, audio } = startTestPlayout(t);
    assert.equal(clock.timers, 0);
    playout.enqueue(audio(300));
    playout.enqueue(audio(300));
    assert.equal(clock.timers, 1);
    clock.pass(599);
    assert.equal(clock.timers, 1);
    clock.pass(3);
    assert.equal(clock.timers, 0);
  });
});

describe('the timeline', () => {
  it('grows at its end with what is queued and is heard at the pace of speech', (t) => {
    const { clock, playout, audio } = startTestPlayout(t);
    assert.deepEqual([playout.sentMs, playout.playedMs], [0, 0]);
    playout.enqueue(audio(500));
    playout.enqueue(audio(37.5));
    assert.equal(playout.sentMs, 537.5);
    for (let ms = 13; ms < 537; ms += 13) {
      clock.pass(13);
      assertNear(playout.playedMs, ms);
    }
    clock.pass(500);
    assert.equal(playout.playedMs, 537.5);
    assert.equal(playout.sentMs, 537.5);
  });

  it('does not count the silence between two replies', (t) => {
    const { clock, playout, audio } = startTestPlayout(t);
    playout.enqueue(audio(300));
    clock.pass(4321);
    assert.equal(playout.playedMs, 300);
    playout.enqueue(audio(300));
    assert.deepEqual([playout.sentMs, playout.playedMs], [600, 300]);
    clock.pass(110);
    assertNear(playout.playedMs, 410);
  });

  it('never goes back while audio comes in pieces that have to be padded', (t) => {
    const { clock, playout, audio } = startTestPlayout(t);
    let last = 0;
    for (let ms = 0; ms < 3000; ms++) {
      if (ms % 100 === 0) playout.enqueue(audio(ms % 300 === 0 ? 127 : 13));
      clock.pass(1);
      assert.ok(playout.playedMs >= last && playout.playedMs <= playout.sentMs);
      last = playout.playedMs;
    }
    clock.pass(200);
    assert.equal(playout.playedMs, playout.sentMs);
  });
});

describe('a tail shorter than a frame', () => {
  it('waits for more audio as long as there is audio to hear', (t) => {
    const { clock, frames, playout, audio } = startTestPlayout(t);
    const whole = audio(200);
    playout.enqueue(whole.subarray(0, 110 * 32));
    clock.pass(59);
    assert.equal(frames.length, 5);
    playout.enqueue(whole.subarray(110 * 32));
    clock.pass(200);
    assert.deepEqual(Buffer.concat(frames.map((frame) => frame.audio)), whole);
  });

  it('is filled up with silence just before the caller would hear a gap', (t) => {
    const { clock, frames, playedOutAtMs, playout, audio } = startTestPlayout(t, mulaw8k);
    playout.enqueue(audio(110));
    clock.pass(59);
    assert.equal(frames.length, 5);
    clock.pass(2);
    assert.equal(frames.length, 6);
    const { audio: last } = frames[5]!;
    assert.deepEqual(last.subarray(0, 80), audio(110).subarray(800));
    assert.deepEqual(last.subarray(80), Buffer.alloc(80, 0xff));
    clock.pass(60);
    assertNear(playedOutAtMs[0]!, 120);
    assert.deepEqual([playout.sentMs, playout.playedMs], [110, 110]);
  });

  it('goes out after a frame of waiting when it is all there is', (t) => {
    const { clock, frames, playedOutAtMs, playout, audio } = startTestPlayout(t);
    playout.enqueue(audio(5));
    clock.pass(19);
    assert.equal(frames.length, 0);
    clock.pass(1);
    assert.deepEqual(frames[0]!.audio, Buffer.concat([audio(5), Buffer.alloc(480)]));
    clock.pass(20);
    assertNear(playedOutAtMs[0]!, 40);
    assert.equal(playout.playedMs, 5);
  });

  it('keeps half a sample for what follows, and so does not turn it into noise', (t) => {
    const { clock, frames, playout, audio } = startTestPlayout(t, pcm24k);
    const whole = audio(60);
    playout.enqueue(whole.subarray(0, 1001));
    clock.pass(500);
    playout.enqueue(whole.subarray(1001));
    clock.pass(500);
    assert.deepEqual(frames[1]!.audio.subarray(0, 40), whole.subarray(960, 1000));
    assert.deepEqual(frames[2]!.audio, whole.subarray(1000, 1960));
  });
});

describe('clear', () => {
  it('drops what was not heard and ends the timeline there', (t) => {
    const { clock, frames, playedOutAtMs, playout, audio } = startTestPlayout(t);
    playout.enqueue(audio(1000));
    clock.pass(333);
    const sent = frames.length;
    playout.clear();
    assertNear(playout.playedMs, 333);
    assert.equal(playout.sentMs, playout.playedMs);
    clock.pass(5000);
    assert.equal(frames.length, sent);
    assertNear(playout.playedMs, 333);
    assert.deepEqual(playedOutAtMs, []);
    assert.equal(clock.timers, 0);
  });

  it('lets the next audio begin at once', (t) => {
    const { clock, frames, playedOutAtMs, playout, audio } = startTestPlayout(t);
    playout.enqueue(audio(1000));
    clock.pass(333);
    playout.clear();
    const sent = frames.length;
    playout.enqueue(audio(40));
    assert.equal(frames.length, sent + 2);
    clock.pass(10);
    assertNear(playout.playedMs, 343);
    clock.pass(100);
    assertNear(playout.playedMs, 373);
    assert.equal(playout.sentMs, playout.playedMs);
    assert.equal(playedOutAtMs.length, 1);
  });

  it('changes nothing when nothing is unheard', (t) => {
    const { clock, playedOutAtMs, playout, audio } = startTestPlayout(t);
    playout.clear();
    assert.deepEqual([playout.sentMs, playout.playedMs], [0, 0]);
    playout.enqueue(audio(100));
    clock.pass(200);
    playout.clear();
    assert.deepEqual([playout.sentMs, playout.playedMs], [100, 100]);
    assert.equal(playedOutAtMs.length, 1);
  });

  it('may come while a frame is being sent', (t) => {
    const { playout, audio } = startTestPlayout(t);
    const sent: number[] = [];
    const clearing: Playout = new Playout({
      format: pcm16k,
      send: () => {
        sent.push(1);
        if (sent.length === 3) clearing.clear();
      },
      onPlayedOut: () => assert.fail('nothing was played to its end'),
    });
    clearing.enqueue(audio(1000));
    assert.equal(sent.length, 3);
    assert.deepEqual([clearing.sentMs, clearing.playedMs], [0, 0]);
    assert.equal(playout.sentMs, 0);
  });
});

describe('played out', () => {
  it('is told once for each stretch, when the last of it was heard', (t) => {
    const { clock, playedOutAtMs, playout, audio } = startTestPlayout(t);
    playout.enqueue(audio(100));
    playout.enqueue(audio(100));
    clock.pass(199);
    assert.deepEqual(playedOutAtMs, []);
    clock.pass(300);
    assertNear(playedOutAtMs[0]!, 200);
    clock.pass(500.5);
    playout.enqueue(audio(60));
    clock.pass(1000);
    assert.equal(playedOutAtMs.length, 2);
    assertNear(playedOutAtMs[1]!, 199 + 300 + 500.5 + 60);
  });

  it('may be answered with new audio', (t) => {
    const clock = new TestClock(t);
    let told = 0;
    let sent = 0;
    const playout: Playout = new Playout({
      format: pcm16k,
      send: () => sent++,
      onPlayedOut: () => {
        if (++told === 1) playout.enqueue(Buffer.alloc(1280));
      },
    });
    playout.enqueue(Buffer.alloc(640));
    clock.pass(200);
    assert.deepEqual({ told, sent, playedMs: playout.playedMs }, { told: 2, sent: 3, playedMs: 60 });
  });
});

it('drops the newest beyond ten minutes, and counts it', (t) => {
  const { playout } = startTestPlayout(t, mulaw8k);
  const minute = Buffer.alloc(480_000);
  for (let i = 0; i < 10; i++) playout.enqueue(minute);
  assert.equal(playout.droppedBytes, 0);
  // 200 ms are on their way, so there is room for less than another minute.
  playout.enqueue(minute);
  assert.equal(playout.droppedBytes, 480_000);
  assert.equal(playout.sentMs, 600_000);
});

it('copies what it is given', (t) => {
  const { clock, frames, playout, audio } = startTestPlayout(t);
  const given = audio(400);
  playout.enqueue(given);
  given.fill(0);
  clock.pass(400);
  assert.deepEqual(Buffer.concat(frames.map((frame) => frame.audio)), audio(400));
});

it('sends nothing and tells nothing after close', (t) => {
  const { clock, frames, playedOutAtMs, playout, audio } = startTestPlayout(t);
  playout.enqueue(audio(300));
  clock.pass(50);
  playout.close();
  playout.close();
  const sent = frames.length;
  playout.enqueue(audio(300));
  clock.pass(1000);
  assert.equal(frames.length, sent);
  assert.deepEqual(playedOutAtMs, []);
  assertNear(playout.playedMs, 50);
  assert.equal(clock.timers, 0);
});
