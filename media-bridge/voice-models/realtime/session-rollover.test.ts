// Tests of when a session of limited age is given back.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { SessionRollover } from './session-rollover.ts';

const minuteMs = 60_000;

function setUp(t: TestContext, expiresInMs: number | undefined) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_790_000_000_000 });
  const line = { isQuiet: true, due: 0 };
  const rollover = new SessionRollover({
    expiresAtMs: expiresInMs === undefined ? undefined : Date.now() + expiresInMs,
    isQuiet: () => line.isQuiet,
    onDue: () => line.due++,
  });
  return { rollover, line };
}

describe('SessionRollover', () => {
  it('is due two minutes before the session expires', (t) => {
    const { line } = setUp(t, 60 * minuteMs);
    t.mock.timers.tick(58 * minuteMs - 1);
    assert.equal(line.due, 0);
    t.mock.timers.tick(1);
    assert.equal(line.due, 1);
  });

  it('waits for a quiet moment, and takes one', (t) => {
    const { rollover, line } = setUp(t, 60 * minuteMs);
    line.isQuiet = false;
    t.mock.timers.tick(58 * minuteMs);
    rollover.check();
    assert.equal(line.due, 0);
    line.isQuiet = true;
    rollover.check();
    rollover.check();
    assert.equal(line.due, 1);
  });

  for (const [what, expiresInMs] of [
    ['whose end nobody told', undefined],
    ['that is about to end', 119_000],
    ['that ends in two minutes and a moment', 121_000],
    ['that ends in less than three minutes', 3 * minuteMs - 1],
    ['that ended long ago', -1_000_000],
    ['that ends later than a timer can tell', 25 * 24 * 60 * minuteMs],
    ['that never ends', Number.MAX_SAFE_INTEGER],
  ] as const) {
    it(`leaves a session alone ${what}`, (t) => {
      const { rollover, line } = setUp(t, expiresInMs);
      t.mock.timers.tick(24 * 60 * minuteMs);
      rollover.check();
      assert.equal(line.due, 0);
    });
  }

  it('does nothing after its end', (t) => {
    const { rollover, line } = setUp(t, 60 * minuteMs);
    rollover.close();
    t.mock.timers.tick(60 * minuteMs);
    rollover.check();
    assert.equal(line.due, 0);
  });
});
