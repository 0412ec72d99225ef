// The stores in memory: their contracts, and what they forget.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { testBridgeLoads } from './bridge-loads.contract.ts';
import { peakWindowMs } from './bridge-loads.ts';
import { testCallHistory } from './call-history.contract.ts';
import { testCallLeases } from './call-leases.contract.ts';
import { makeEvent, newCallId, testCallStream } from './call-stream.contract.ts';
import { testCallerMemory } from './caller-memory.contract.ts';
import { testDialCounts } from './dial-counts.contract.ts';
import { testLookUpStore } from './look-up-store.contract.ts';
import { MemoryBridgeLoads } from './memory-bridge-loads.ts';
import { MemoryCallHistory } from './memory-call-history.ts';
import { MemoryCallLeases } from './memory-call-leases.ts';
import { MemoryCallStream } from './memory-call-stream.ts';
import { MemoryCallerMemory } from './memory-caller-memory.ts';
import { MemoryDialCounts } from './memory-dial-counts.ts';
import { MemoryLookUps } from './memory-look-ups.ts';

const hourMs = 3_600_000;

/** Time passes as the test says. */
function ownTheClock(): void {
  beforeEach(() => mock.timers.enable({ apis: ['Date'], now: 0 }));
  afterEach(() => mock.timers.reset());
}

describe('MemoryLookUps', () => {
  ownTheClock();

  testLookUpStore(async () => {
    const lookUps = new MemoryLookUps();
    return { lookUps, another: lookUps, pass: async (ms) => mock.timers.tick(ms) };
  });

  it('keeps no more than two thousand', async () => {
    const lookUps = new MemoryLookUps();
    for (let count = 0; count <= 2_000; count += 1) await lookUps.keep(`${count}`, 'x', hourMs);
    assert.deepEqual([await lookUps.find('0'), await lookUps.find('1')], [undefined, 'x']);
  });
});

describe('MemoryCallStream', () => {
  testCallStream(() => {
    const stream = new MemoryCallStream();
    return { stream, another: stream };
  });
});

describe('a MemoryCallStream in time', () => {
  ownTheClock();

  it('forgets an ended call that the history has an hour after its last event', async () => {
    const stream = new MemoryCallStream();
    const callId = newCallId();
    await stream.append(makeEvent(callId, { type: 'call-ended', reason: 'busy' }));
    mock.timers.setTime(hourMs - 1);
    await stream.append(makeEvent(callId, { type: 'media-stopped', replica: 'r', clean: true }));
    await stream.markSaved(callId, (await stream.readOn(callId, undefined)).cursor);
    mock.timers.tick(hourMs - 1);
    assert.equal((await stream.read(callId)).length, 2);
    assert.deepEqual(await stream.recentCallIds(5), [callId]);
    mock.timers.tick(1);
    assert.deepEqual(await stream.read(callId), []);
    assert.deepEqual(await stream.recentCallIds(5), []);
  });

  it('keeps an ended call for a day that the history does not have', async () => {
    const stream = new MemoryCallStream();
    const callId = newCallId();
    await stream.append(makeEvent(callId, { type: 'call-ended', reason: 'busy' }));
    mock.timers.setTime(24 * hourMs - 1);
    assert.equal((await stream.read(callId)).length, 1);
    assert.deepEqual(await stream.unsavedCallIds({ olderThanMs: hourMs, limit: 5 }), [callId]);
    mock.timers.tick(1);
    assert.deepEqual(await stream.read(callId), []);
    assert.deepEqual(await stream.unsavedCallIds({ olderThanMs: hourMs, limit: 5 }), []);
  });

  it('keeps the events of a call that goes on for hours', async () => {
    const stream = new MemoryCallStream();
    const [quiet, busy] = [newCallId(), newCallId()];
    await stream.append(makeEvent(quiet));
    mock.timers.setTime(23 * hourMs);
    await stream.append(makeEvent(busy));
    assert.equal((await stream.read(quiet)).length, 1);
    mock.timers.setTime(24 * hourMs);
    assert.deepEqual(await stream.read(quiet), []);
    assert.equal((await stream.read(busy)).length, 1);
  });
});

describe('MemoryCallLeases', () => {
  ownTheClock();
  testCallLeases(() => {
    const leases = new MemoryCallLeases();
    return {
      leases,
      another: leases,
      pass: async (ms) => {
        mock.timers.tick(ms);
      },
    };
  });

  it('goes on counting and holding while old names are swept out', async () => {
    const leases = new MemoryCallLeases();
    const held = await leases.acquire('held', 'a', 10 * hourMs);
    for (let i = 0; i < 2500; i++) {
      mock.timers.tick(1);
      await leases.count(`number-${i}`, 10);
    }
    assert.deepEqual(await leases.find('held'), held);
    assert.equal(await leases.count('number-2499', 10), 2);
  });
});

describe('MemoryDialCounts', () => {
  ownTheClock();
  testDialCounts(() => {
    const counts = new MemoryDialCounts();
    return {
      counts,
      another: counts,
      pass: async (ms) => {
        mock.timers.tick(ms);
      },
    };
  });

  it('goes on counting while what has expired is swept out', async () => {
    const counts = new MemoryDialCounts();
    const order = (id: string) => ({
      id,
      target: id,
      token: id,
      caps: [{ name: `number:${id}`, limit: 1, windowMs: 48 * hourMs }],
    });
    await counts.claim(order('kept'), 1000);
    await counts.confirm(order('kept'));
    mock.timers.setTime(30 * hourMs);
    for (let i = 0; i < 2500; i++) await counts.claim(order(`n${i}`), 1000);
    assert.deepEqual(await counts.holders('number:kept'), ['kept']);
    assert.equal((await counts.claim({ ...order('other'), caps: order('kept').caps }, 1000)).type, 'over-cap');
  });
});

describe('MemoryCallHistory', () => {
  testCallHistory(async () => new MemoryCallHistory());
});

describe('MemoryBridgeLoads', () => {
  ownTheClock();
  testBridgeLoads(async () => {
    const loads = new MemoryBridgeLoads();
    const pass = async (ms: number) => mock.timers.tick(ms);
    return { loads, another: loads, pass };
  });

  it('forgets the most calls after a quarter of an hour', async () => {
    const loads = new MemoryBridgeLoads();
    await loads.report({ replica: 'one', calls: 40, freePlaces: 10 }, 1000);
    mock.timers.setTime(peakWindowMs - 1);
    await loads.report({ replica: 'one', calls: 3, freePlaces: 47 }, 1000);
    assert.equal(await loads.peakCalls(), 40);
    mock.timers.tick(1);
    assert.equal(await loads.peakCalls(), 3);
    mock.timers.tick(2 * peakWindowMs);
    assert.equal(await loads.peakCalls(), 0);
  });
});

describe('MemoryCallerMemory', () => testCallerMemory(async () => new MemoryCallerMemory()));
