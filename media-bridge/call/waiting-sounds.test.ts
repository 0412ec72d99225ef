// What the caller hears while there is no model, on a clock of the test's own.
import assert from 'node:assert/strict';
import { describe, it, mock, type TestContext } from 'node:test';
import { FakeTransport } from './testing/fake-legs.ts';
import { type Announcement, patientMs, promptMs, WaitingSounds } from './waiting-sounds.ts';

const lengthMs: Record<Announcement, number> = { 'one-moment': 1000, hold: 400, apology: 3000 };

function setUp(t: TestContext) {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const heard: Announcement[] = [];
  const line = new FakeTransport();
  const getAudio = (announcement: Announcement) => {
    heard.push(announcement);
    return Buffer.alloc(lengthMs[announcement] * 8);
  };
  const sounds = new WaitingSounds({ getAudio }, line);
  t.after(() => sounds.end());
  return { sounds, heard, line };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('WaitingSounds', () => {
  it('says nothing while a model opens as fast as it should', (t) => {
    const { sounds, heard } = setUp(t);
    sounds.begin(promptMs);
    mock.timers.tick(1_199);
    sounds.end();
    mock.timers.tick(60_000);
    assert.deepEqual(heard, []);
  });

  it('says "one moment", and then plays a tone every few seconds', (t) => {
    const { sounds, heard, line } = setUp(t);
    sounds.begin(promptMs);
    mock.timers.tick(1_200);
    assert.deepEqual(heard, ['one-moment']);
    line.playedMs = line.sentMs;
    mock.timers.tick(1_000 + 2_499);
    assert.deepEqual(heard, ['one-moment']);
    mock.timers.tick(1);
    assert.deepEqual(heard, ['one-moment', 'hold']);
    line.playedMs = line.sentMs;
    mock.timers.tick(400 + 2_500);
    assert.deepEqual(heard, ['one-moment', 'hold', 'hold']);
  });

  it('leaves a line alone for longer on which nobody waits for anything', (t) => {
    const { sounds, heard } = setUp(t);
    sounds.begin(patientMs);
    mock.timers.tick(3_999);
    assert.deepEqual([heard, sounds.wereHeard], [[], false]);
    mock.timers.tick(1);
    assert.deepEqual([heard, sounds.wereHeard], [['one-moment'], true]);
    sounds.end();
    assert.ok(sounds.wereHeard);
    sounds.begin(patientMs);
    assert.equal(sounds.wereHeard, false);
  });

  it('begins again when a second model is lost in the sounds', (t) => {
    const { sounds, heard } = setUp(t);
    sounds.begin(promptMs);
    mock.timers.tick(1_000);
    sounds.begin(promptMs);
    mock.timers.tick(1_199);
    assert.deepEqual(heard, []);
    mock.timers.tick(1);
    assert.deepEqual(heard, ['one-moment']);
  });

  it('does not pile tones up behind speech that still plays', (t) => {
    const { sounds, heard, line } = setUp(t);
    line.sentMs = 20_000;
    sounds.begin(promptMs);
    mock.timers.tick(1_200);
    mock.timers.tick(20_000);
    assert.deepEqual(heard, ['one-moment']);
  });

  it('apologises, and is done when that was heard', async (t) => {
    const { sounds, heard, line } = setUp(t);
    sounds.begin(promptMs);
    line.sentMs = 500;
    let isDone = false;
    const apologised = sounds.apologise(new AbortController().signal).then(() => {
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
    const { sounds } = setUp(t);
    const call = new AbortController();
    const apologised = sounds.apologise(call.signal);
    call.abort();
    await apologised;
    await sounds.apologise(call.signal);
  });
});
