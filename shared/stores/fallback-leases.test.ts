// Leases that a process keeps by itself while their store is away.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { testCallLeases } from './call-leases.contract.ts';
import { FallbackLeases } from './fallback-leases.ts';
import { createMemoryStores } from './memory-stores.ts';
import { createFaultyStores } from './testing/faulty-stores.ts';

const longMs = 60_000;

function setUp() {
  const kept = createMemoryStores();
  const { stores, live } = createFaultyStores(kept);
  return { kept, live, leases: new FallbackLeases(stores.leases), another: new FallbackLeases(stores.leases) };
}

describe('FallbackLeases', () => {
  testCallLeases((t) => {
    t.mock.timers.enable({ apis: ['Date'] });
    const { leases, another } = setUp();
    return { leases, another, pass: async (ms) => t.mock.timers.tick(ms) };
  });

  it('holds a name against others in this process while the store is away, and gives it back', async () => {
    const { leases, live } = setUp();
    live.become('away');
    const lease = await leases.acquire('name', 'a', longMs);
    assert.equal(await leases.acquire('name', 'b', longMs), undefined);
    assert.equal((await leases.find('name'))?.owner, 'a');
    assert.equal(await leases.renew(lease!, longMs), true);
    await leases.release(lease!);
    assert.ok(await leases.acquire('name', 'b', longMs));
    assert.deepEqual([await leases.count('uses', longMs), await leases.count('uses', longMs)], [1, 2]);
  });

  it('asks the store again once it is back, and gives back there what it got here', async () => {
    const { leases, live, kept } = setUp();
    live.become('away');
    const own = await leases.acquire('name', 'a', longMs);
    live.become('well');
    assert.ok(await leases.acquire('name', 'b', longMs));
    await leases.release(own!);
    assert.equal((await kept.leases.find('name'))?.owner, 'b');
  });
});
