// What the caller hears while there is no model, on a clock of the test's own.
import assert from 'node:assert/strict';
import { describe, it, mock, type TestContext } from 'node:test';
import type { Announcement } from './announcer.ts';
import { ModelGap } from './model-gap.ts';
import { FakeTransport } from './testing/fake-legs.ts';

const lengthMs: Record<Announcement, number> = { 'one-moment': 1000, hold: 400, apology: 3000 };

function setUp(t: TestContext) {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const heard: Announcement[] = [];
  const line = { transport: new FakeTransport() };
  const getAudio = (announcement: Announcement) => {
    heard.push(announcement);
    return Buffer.alloc(lengthMs[announcement] * 8);
  };
  const gap = new ModelGap({ getAudio }, () => line.transport);
  t.after(() => gap.close());
  return { gap, heard, line };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('ModelGap', () => {
  it('says nothing while a model opens as fast as it should', (t) => {
    const { gap, heard } = setUp(t);
    gap.open();
    mock.timers.tick(1_199);
    gap.silence();
    mock.timers.tick(60_000);
    assert.deepEqual(heard, []);
  });

  it('says "one moment", and then plays a tone every few seconds', (t) => {
    const { gap, heard, line } = setUp(t);
    gap.open();
    mock.timers.tick(1_200);
    assert.deepEqual(heard, ['one-moment']);
    line.transport.playedMs = line.transport.sentMs;
    mock.timers.tick(1_000 + 2_499);
    assert.deepEqual(heard, ['one-moment']);
    mock.timers.tick(1);
    assert.deepEqual(heard, ['one-moment', 'hold']);
    line.transport.playedMs = line.transport.sentMs;
    mock.timers.tick(400 + 2_500);
    assert.deepEqual(heard, ['one-moment', 'hold', 'hold']);
  });

  it('begins again when a second model is lost in the gap', (t) => {
    const { gap, heard } = setUp(t);
    gap.open();
    mock.timers.tick(1_000);
    gap.open();
    mock.timers.tick(1_199);
    assert.deepEqual(heard, []);
    mock.timers.tick(1);
    assert.deepEqual(heard, ['one-moment']);
  });

  it('does not pile tones up behind speech that still plays', (t) => {
    const { gap, heard, line } = setUp(t);
    line.transport.sentMs = 20_000;
    gap.open();
    mock.timers.tick(1_200);
    mock.timers.tick(20_000);
    assert.deepEqual(heard, ['one-moment']);
  });

  it('speaks on the leg that the call has now', (t) => {
    const { gap, line } = setUp(t);
    gap.open();
    const lost = line.transport;
    line.transport = new FakeTransport();
    mock.timers.tick(1_200);
    assert.deepEqual([lost.sentMs, line.transport.sentMs], [0, 1000]);
  });

  it('apologises, and is done when that was heard', async (t) => {
    const { gap, heard, line } = setUp(t);
    gap.open();
    line.transport.sentMs = 500;
    let isDone = false;
    const apologised = gap.apologise(new AbortController().signal).then(() => {
      isDone = true;
    });
    mock.timers.tick(3_499);
    await settled();
    assert.equal(isDone, false);
    mock.timers.tick(1);
    await apologised;
    assert.deepEqual(heard, ['apology'], 'and no "one moment" after it');
  });

  it('does not go on apologising to a caller who has hung up', async (t) => {
    const { gap } = setUp(t);
    const call = new AbortController();
    const apologised = gap.apologise(call.signal);
    call.abort();
    await apologised;
    await gap.apologise(call.signal);
  });
});
