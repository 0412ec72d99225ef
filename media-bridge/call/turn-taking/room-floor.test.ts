// How fast the floor of a room follows what swells, falls, and speaks.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RoomFloor } from './room-floor.ts';

const powerOf = (db: number) => 10 ** (db / 10) - 1;

/** The floor after so many frames of this level, from a room of 40 dB. */
function follow(db: number, frames: number, isVoiced: boolean, room = new RoomFloor()): number {
  for (let n = 0; n < 100; n++) room.follow(powerOf(40), false);
  room.follow(powerOf(42), true);
  for (let n = 0; n < frames; n++) room.follow(powerOf(db), isVoiced);
  return room.db;
}

describe('the floor of a room', () => {
  it('rises by half a dB a frame with what has no pitch, once it is too long for a consonant in a word', () => {
    assert.ok(follow(60, 4, false) < 42);
    assert.ok(follow(60, 30, false) > 51);
    assert.ok(follow(60, 100, false) > 59);
  });

  it('waits for a voice to breathe', () => {
    assert.ok(follow(60, 70, true) < 42);
    assert.ok(follow(60, 90, true) > 59, 'nobody speaks for a second and a half without a breath');
  });

  it('falls at once', () => {
    const room = new RoomFloor();
    follow(60, 100, false, room);
    for (let n = 0; n < 10; n++) room.follow(powerOf(30), false);
    assert.ok(room.db < 41, `${room.db}`);
  });
});
