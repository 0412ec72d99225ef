// What is cut is JSON still, no longer than it may be, and begins with what was there.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatBoundedJson } from './bounded-json.ts';

describe('bounded JSON', () => {
  it('is told as it is while it fits', () => {
    assert.equal(formatBoundedJson({ a: [1, 'two'] }, 30), '{"a":[1,"two"]}');
    assert.equal(formatBoundedJson(undefined, 30), 'null');
  });

  it('is cut between two entries of a list, and says so', () => {
    const jobs = Array.from({ length: 20 }, (_, id) => ({ id, title: 'Carpenter' }));
    assert.equal(formatBoundedJson({ jobs }, 80), '{"jobs":[{"id":0,"title":"Carpenter"},"… (cut)"],"…":"… (cut)"}');
  });

  it('is cut within a text where that is all there is', () => {
    assert.equal(
      formatBoundedJson({ text: 'x'.repeat(100) }, 60),
      '{"text":"xxxxxxxxxxxxxxxxxxxxxxxxxx… (cut)","…":"… (cut)"}',
    );
  });

  it('does not halve a character', () => {
    for (let length = 20; length < 40; length += 1) {
      const { text } = JSON.parse(formatBoundedJson({ text: '😀'.repeat(100) }, length + 20)) as { text: string };
      assert.match(text, /^(😀)*… \(cut\)$/u);
    }
  });

  it('is JSON of no more than its length, whatever it is', () => {
    let deep: unknown = 'x'.repeat(50);
    for (let level = 0; level < 200; level += 1) deep = level % 2 ? [deep] : { deep };
    const values = [
      deep,
      Array.from({ length: 500 }, (_, index) => index),
      { ['key'.repeat(100)]: 'value' },
      { a: { b: { c: '"\\\n\u0000'.repeat(200) } } },
      ['\ud800'.repeat(90)],
      { list: [[[[['x'.repeat(300)]]]]], other: 'y'.repeat(300) },
    ];
    for (const value of values)
      for (let length = 30; length < 400; length += 7) {
        const json = formatBoundedJson(value, length);
        assert.ok(json.length <= length, `${json.length} of ${length}: ${json}`);
        JSON.parse(json);
      }
  });
});
