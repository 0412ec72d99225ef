// When a call that the agent ends is over, on a clock of the test's own.
import assert from 'node:assert/strict';
import { describe, it, mock, type TestContext } from 'node:test';
import { Farewell } from './farewell.ts';

function setUp(t: TestContext) {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  t.after(() => mock.timers.reset());
  const line = { isQuiet: false, closed: 0 };
  const farewell = new Farewell({
    isQuiet: () => line.isQuiet,
    onDone: () => {
      line.closed += 1;
    },
  });
  return { farewell, line };
}

describe('Farewell', () => {
  it('closes the line when the goodbye was heard', (t) => {
    const { farewell, line } = setUp(t);
    farewell.replyStarted('before');
    farewell.begin();
    farewell.repliesHeard(['before']);
    farewell.replyStarted('goodbye');
    farewell.replyStarted('another');
    farewell.repliesHeard(['another']);
    assert.equal(line.closed, 0);
    farewell.repliesHeard(['goodbye']);
    assert.equal(line.closed, 1);
  });

  it('closes the line after a goodbye that was said with the decision, and lets the model say no other', (t) => {
    const { farewell, line } = setUp(t);
    const goOn = mock.fn();
    farewell.replyStarted('goodbye');
    farewell.begin({ replyId: 'goodbye', goOn });
    farewell.replyStarted('another');
    farewell.repliesHeard(['goodbye']);
    assert.equal(line.closed, 1);
    farewell.close();
    assert.equal(goOn.mock.callCount(), 0);
  });

  it('closes the line at once when the goodbye was heard before the tool was done', (t) => {
    const { farewell, line } = setUp(t);
    farewell.repliesHeard(['goodbye']);
    farewell.begin({ replyId: 'goodbye', goOn: () => {} });
    assert.equal(line.closed, 1);
  });

  it('lets the model go on when the caller speaks into a goodbye that was said with the decision', (t) => {
    const { farewell, line } = setUp(t);
    const goOn = mock.fn();
    farewell.begin({ replyId: 'goodbye', goOn });
    farewell.takeBack();
    farewell.takeBack();
    assert.equal(goOn.mock.callCount(), 1);
    mock.timers.tick(60_000);
    assert.equal(line.closed, 0);
  });

  it('closes nothing that was not decided on', (t) => {
    const { farewell, line } = setUp(t);
    farewell.replyStarted('a');
    farewell.repliesHeard(['a']);
    mock.timers.tick(60_000);
    assert.equal(line.closed, 0);
  });

  it('waits three seconds for a goodbye on a quiet line, and through a long one', (t) => {
    const { farewell, line } = setUp(t);
    farewell.begin();
    mock.timers.tick(3_000);
    assert.equal(line.closed, 0, 'something is being said');
    line.isQuiet = true;
    mock.timers.tick(2_999);
    assert.equal(line.closed, 0);
    mock.timers.tick(1);
    assert.equal(line.closed, 1);
  });

  it('ends a goodbye without an end after twenty seconds', (t) => {
    const { farewell, line } = setUp(t);
    farewell.begin();
    mock.timers.tick(10_000);
    farewell.begin();
    mock.timers.tick(9_999);
    assert.equal(line.closed, 0);
    mock.timers.tick(1);
    assert.equal(line.closed, 1);
    mock.timers.tick(60_000);
    assert.equal(line.closed, 1, 'once');
  });

  it('is taken back by a caller who speaks, and can be decided on again', (t) => {
    const { farewell, line } = setUp(t);
    farewell.begin();
    farewell.replyStarted('goodbye');
    farewell.takeBack();
    farewell.repliesHeard(['goodbye']);
    line.isQuiet = true;
    mock.timers.tick(60_000);
    assert.equal(line.closed, 0);
    farewell.begin();
    farewell.replyStarted('bye then');
    farewell.repliesHeard(['bye then']);
    assert.equal(line.closed, 1);
  });
});
