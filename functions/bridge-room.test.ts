// Tests when there is room for one more call.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BridgeLoad } from '../shared/stores/bridge-loads.ts';
import { hasRoom } from './bridge-room.ts';

const full: BridgeLoad = { replica: 'a', calls: 50, freePlaces: 0 };
const free: BridgeLoad = { replica: 'b', calls: 49, freePlaces: 1 };

describe('room for one more call', () => {
  for (const [what, loads, answer] of [
    ['is there when one of the bridges has some', [full, free], true],
    ['is not there when all bridges are full', [full, { ...full, replica: 'c' }], false],
    ['is there for all we know when no bridge tells', [], true],
  ] as const) {
    it(what, async () => assert.equal(await hasRoom({ list: async () => loads }), answer));
  }

  it('is there for all we know when the store is away or hangs', async () => {
    assert.equal(await hasRoom({ list: () => Promise.reject(new Error('away')) }), true);
    assert.equal(await hasRoom({ list: () => new Promise(() => {}) }), true);
  });
});
