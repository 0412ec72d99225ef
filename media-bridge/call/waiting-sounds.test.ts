// What the caller hears that no model says, on a clock of the test's own.
import assert from 'node:assert/strict';
import { describe, it, mock, type TestContext } from 'node:test';
import { FakeTransport } from './testing/fake-legs.ts';
import { type Announcement, WaitingSounds } from './waiting-sounds.ts';

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
  return { sounds, heard, line };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('WaitingSounds', () => {
  it('says "one moment" first and plays a tone after that, until the agent has spoken', (t) => {
    const { sounds, heard, line } = setUp(t);
    assert.deepEqual([sounds.fill(), sounds.fill(), sounds.fill()], [1000, 400, 400]);
    sounds.end();
    sounds.fill();
    assert.deepEqual(heard, ['one-moment', 'hold', 'hold', 'one-moment']);
    assert.equal(line.sentMs, 2800);
  });

  it('apologises, and is done when that was heard', async (t) => {
    const { sounds, heard, line } = setUp(t);
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
    assert.deepEqual(heard, ['apology']);
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
