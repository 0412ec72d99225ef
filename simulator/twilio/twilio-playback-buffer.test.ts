// How Twilio plays what it was sent, and when it gives marks back.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TwilioPlaybackBuffer } from './twilio-playback-buffer.ts';

function setUp() {
  const echoes: string[] = [];
  return { echoes, buffer: new TwilioPlaybackBuffer((name, echo) => echoes.push(`${name} ${echo}`)) };
}

describe('TwilioPlaybackBuffer', () => {
  it('gives a mark back at once when nothing waits', () => {
    const { buffer, echoes } = setUp();
    buffer.mark('a');
    assert.deepEqual(echoes, ['a idle']);
  });

  it('gives a mark back at the beat after what lies before it was played', () => {
    const { buffer, echoes } = setUp();
    buffer.push(Buffer.alloc(320));
    buffer.mark('a');
    buffer.take(160);
    buffer.take(160);
    assert.deepEqual(echoes, []);
    assert.equal(buffer.take(160).length, 0);
    assert.deepEqual(echoes, ['a played']);
  });

  it('plays on without a hole over a mark in the midst of a frame', () => {
    const { buffer, echoes } = setUp();
    buffer.push(Buffer.alloc(100, 1));
    buffer.mark('a');
    buffer.push(Buffer.alloc(100, 2));
    buffer.mark('b');
    const frame = buffer.take(160);
    assert.deepEqual([frame.length, frame[99], frame[100]], [160, 1, 2]);
    assert.equal(buffer.take(160).length, 40);
    buffer.take(160);
    assert.deepEqual(echoes, ['a played', 'b played']);
  });

  it('drops everything at a clear and gives all marks back in order', () => {
    const { buffer, echoes } = setUp();
    buffer.push(Buffer.alloc(320));
    buffer.mark('a');
    buffer.push(Buffer.alloc(160));
    buffer.mark('b');
    buffer.take(160);
    assert.equal(buffer.clear(), 320);
    assert.deepEqual(echoes, ['a cleared', 'b cleared']);
    assert.equal(buffer.take(160).length, 0);
  });

  it('holds ten minutes', () => {
    const { buffer } = setUp();
    assert.equal(buffer.push(Buffer.alloc(600 * 8000)), true);
    assert.equal(buffer.push(Buffer.alloc(1)), false);
  });
});
