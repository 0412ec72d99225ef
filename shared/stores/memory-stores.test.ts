// The stores in memory: their contracts, and what they forget.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { testBridgeLoads } from './bridge-loads.contract.ts';
import { peakWindowMs } from './bridge-loads.ts';
import { testCallHistory } from './call-history.contract.ts';
import { testCallLeases } from './call-leases.contract.ts';
import { makeEvent, newCallId, testCallStream } from './call-stream.contract.ts';
import { testDialCounts } from './dial-counts.contract.ts';
import { MemoryBridgeLoads } from './memory-bridge-loads.ts';
import { MemoryCallHistory } from './memory-call-history.ts';
import { MemoryCallLeases } from './memory-call-leases.ts';
import { MemoryCallStream } from './memory-call-stream.ts';
import { MemoryDialCounts } from './memory-dial-counts.ts';

const hourMs = 3_600_000;

describe('MemoryCallStream', () => {
  testCallStream(() => {
    const stream = new MemoryCallStream();
    return { stream, another: stream };
  });

  it('forgets an ended call that the history has an hour after its last event', async () => {
    let now = 0;
    const stream = new MemoryCallStream({ now: () => now });
    const callId = newCallId();
    await stream.append(makeEvent(callId, { type: 'call-ended', reason: 'busy' }));
    now = hourMs - 1;
    await stream.append(makeEvent(callId, { type: 'media-stopped', replica: 'r', clean: true }));
    await stream.markSaved(callId, (await stream.readOn(callId, undefined)).cursor);
    now += hourMs - 1;
    assert.equal((await stream.read(callId)).length, 2);
    assert.deepEqual(await stream.recentCallIds(5), [callId]);
    now += 1;
    assert.deepEqual(await stream.read(callId), []);
    assert.deepEqual(await stream.recentCallIds(5), []);
  });

  it('keeps an ended call for a day that the history does not have', async () => {
    let now = 0;
    const stream = new MemoryCallStream({ now: () => now });
    const callId = newCallId();
    await stream.append(makeEvent(callId, { type: 'call-ended', reason: 'busy' }));
    now = 24 * hourMs - 1;
    assert.equal((await stream.read(callId)).length, 1);
    assert.deepEqual(await stream.unsavedCallIds({ olderThanMs: hourMs, limit: 5 }), [callId]);
    now += 1;
    assert.deepEqual(await stream.read(callId), []);
    assert.deepEqual(await stream.unsavedCallIds({ olderThanMs: hourMs, limit: 5 }), []);
  });

  it('keeps the events of a call that goes on for hours', async () => {
    let now = 0;
    const stream = new MemoryCallStream({ now: () => now });
    const [quiet, busy] = [newCallId(), newCallId()];
    await stream.append(makeEvent(quiet));
    now = 23 * hourMs;
    await stream.append(makeEvent(busy));
    assert.equal((await stream.read(quiet)).length, 1);
    now = 24 * hourMs;
    assert.deepEqual(await stream.read(quiet), []);
    assert.equal((await stream.read(busy)).length, 1);
  });
});

describe('MemoryCallLeases', () => {
  testCallLeases(() => {
    let now = 1000;
    const leases = new MemoryCallLeases({ now: () => now });
    return {
      leases,
      another: leases,
      pass: async (ms) => {
        now += ms;
      },
    };
  });

  it('goes on counting and holding while old names are swept out', async () => {
    let now = 0;
    const leases = new MemoryCallLeases({ now: () => now });
    const held = await leases.acquire('held', 'a', 10 * hourMs);
    for (let i = 0; i < 2500; i++) {
      now += 1;
      await leases.count(`number-${i}`, 10);
    }
    assert.deepEqual(await leases.find('held'), held);
    assert.equal(await leases.count('number-2499', 10), 2);
  });
});

describe('MemoryDialCounts', () => {
  testDialCounts(() => {
    let now = 1000;
    const counts = new MemoryDialCounts({ now: () => now });
    return {
      counts,
      another: counts,
      pass: async (ms) => {
        now += ms;
      },
    };
  });

  it('goes on counting while what has expired is swept out', async () => {
    let now = 0;
    const counts = new MemoryDialCounts({ now: () => now });
    const order = (id: string) => ({
      id,
      target: id,
      token: id,
      caps: [{ name: `number:${id}`, limit: 1, windowMs: 48 * hourMs }],
    });
    await counts.claim(order('kept'), 1000);
    await counts.confirm(order('kept'));
    now = 30 * hourMs;
    for (let i = 0; i < 2500; i++) await counts.claim(order(`n${i}`), 1000);
    assert.deepEqual(await counts.holders('number:kept'), ['kept']);
    assert.equal((await counts.claim({ ...order('other'), caps: order('kept').caps }, 1000)).type, 'over-cap');
  });
});

describe('MemoryCallHistory', () => {
  testCallHistory(async () => new MemoryCallHistory());
});

describe('MemoryBridgeLoads', () => {
  testBridgeLoads(async () => {
    let now = 0;
    const loads = new MemoryBridgeLoads({ now: () => now });
    const pass = async (ms: number) => void (now += ms);
    return { loads, another: loads, pass };
  });

  it('forgets the most calls after a quarter of an hour', async () => {
    let now = 0;
    const loads = new MemoryBridgeLoads({ now: () => now });
    await loads.report({ replica: 'one', calls: 40, freePlaces: 10 }, 1000);
    now = peakWindowMs - 1;
    await loads.report({ replica: 'one', calls: 3, freePlaces: 47 }, 1000);
    assert.equal(await loads.peakCalls(), 40);
    now += 1;
    assert.equal(await loads.peakCalls(), 3);
    now += 2 * peakWindowMs;
    assert.equal(await loads.peakCalls(), 0);
  });
});
