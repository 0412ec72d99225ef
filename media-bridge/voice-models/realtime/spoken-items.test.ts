// Where a reply is cut when the caller did not hear all of it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mulaw8k, pcm24k } from '../../audio/audio-format.ts';
import { SpokenItems } from './spoken-items.ts';

describe('SpokenItems', () => {
  it('cuts at what was heard, whatever the pieces it came in', () => {
    const items = new SpokenItems(mulaw8k);
    for (const bytes of [1, 1999, 7, 3993]) items.addAudio('a', 0, bytes);
    assert.equal(items.receivedMs, 750);
    for (const [heardMs, audioEndMs] of [
      [1, 1],
      [20, 20],
      [333.9, 333],
      [749.9, 749],
      [750, 750],
      [9000, 750],
    ] as const) {
      assert.deepEqual(items.cutAt(heardMs), [{ type: 'truncate', itemId: 'a', contentIndex: 0, audioEndMs }]);
    }
  });

  it('never cuts beyond what was received, in whole ms', () => {
    const items = new SpokenItems(pcm24k);
    items.addAudio('a', 0, 12_000 + 47);
    assert.deepEqual(items.cutAt(1000), [{ type: 'truncate', itemId: 'a', contentIndex: 0, audioEndMs: 250 }]);
  });

  it('deletes an item of which nothing was heard', () => {
    const items = new SpokenItems(pcm24k);
    assert.deepEqual(items.cutAt(0), []);
    items.begin('a');
    assert.deepEqual(items.cutAt(0), [{ type: 'delete', itemId: 'a' }]);
    assert.deepEqual(items.cutAt(500), [{ type: 'delete', itemId: 'a' }]);
    items.addAudio('a', 0, 48_000);
    assert.deepEqual(items.cutAt(0.9), [{ type: 'delete', itemId: 'a' }]);
  });

  it('leaves what was heard, cuts the next, and deletes the rest', () => {
    const items = new SpokenItems(mulaw8k);
    items.addAudio('a', 0, 800);
    items.addAudio('b', 1, 800);
    items.addAudio('c', 0, 800);
    assert.deepEqual(items.cutAt(150), [
      { type: 'truncate', itemId: 'b', contentIndex: 1, audioEndMs: 50 },
      { type: 'delete', itemId: 'c' },
    ]);
  });

  it('tells the words up to where it is cut, item by item', () => {
    const items = new SpokenItems(mulaw8k);
    items.setText('a', 'One moment.');
    items.addAudio('a', 0, 8_000);
    items.setText('b', 'It is noon in London.');
    items.addAudio('b', 0, 8_000);
    items.complete();
    for (const [heardMs, words] of [
      [0, ''],
      [500, 'One'],
      [1000, 'One moment.'],
      [1500, 'One moment. It is noon'],
      [2000, 'One moment. It is noon in London.'],
    ] as const) {
      assert.equal(items.wordsHeard(heardMs), words, `${heardMs} ms`);
    }
  });

  it('joins the words of its items', () => {
    const items = new SpokenItems(mulaw8k);
    items.addText('a', 'One ');
    items.addText('a', 'moment. ');
    items.addText('b', 'It is');
    items.setText('b', 'It is noon.');
    assert.equal(items.text, 'One moment. It is noon.');
  });
});
