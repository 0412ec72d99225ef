// Tests of where replies lie on the carrier's timeline.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReplyTimeline } from './reply-timeline.ts';

describe('ReplyTimeline', () => {
  it('tells how much of the reply that plays was heard', () => {
    const timeline = new ReplyTimeline();
    timeline.add('a', 1000, 250);
    timeline.add('a', 1250, 250);
    assert.deepEqual(timeline.takeUnheard(1180), [{ replyId: 'a', heardMs: 180, receivedMs: 500, finished: false }]);
    assert.ok(timeline.isEmpty);
  });

  it('counts nothing of a reply that waits behind another', () => {
    const timeline = new ReplyTimeline();
    timeline.add('a', 0, 400);
    timeline.finish('a');
    timeline.add('b', 400, 600);
    assert.deepEqual(
      timeline.takeUnheard(300).map(({ replyId, heardMs }) => [replyId, heardMs]),
      [
        ['a', 300],
        ['b', 0],
      ],
    );
  });

  it('takes out only what is finished and heard to its end', () => {
    const timeline = new ReplyTimeline();
    timeline.add('a', 0, 400);
    timeline.add('b', 400, 200);
    timeline.finish('a');
    assert.deepEqual(timeline.takeHeard(399), []);
    assert.deepEqual(timeline.takeHeard(400), ['a']);
    assert.deepEqual(timeline.takeHeard(600), [], 'more of b may come');
    timeline.finish('b');
    assert.deepEqual(timeline.takeHeard(600), ['b']);
  });

  it('takes the sample that a converter holds back for heard', () => {
    const timeline = new ReplyTimeline();
    timeline.add('a', 0, 400.04);
    timeline.finish('a');
    assert.deepEqual(timeline.takeHeard(400), ['a']);
  });

  it('has heard nothing of a reply that has no audio yet', () => {
    const timeline = new ReplyTimeline();
    timeline.begin('a');
    assert.deepEqual(timeline.takeUnheard(5000), [{ replyId: 'a', heardMs: 0, receivedMs: 0, finished: false }]);
  });

  it('counts a finished reply without audio as heard', () => {
    const timeline = new ReplyTimeline();
    timeline.begin('a');
    timeline.finish('a');
    assert.deepEqual(timeline.takeHeard(0), ['a']);
  });
});
