// The budget of connections, on a clock of the test's own.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryCallLeases } from '../../../shared/stores/memory-call-leases.ts';
import { ConnectionBudget } from './connection-budget.ts';

const { signal } = new AbortController();

function create(startMs: number) {
  let nowMs = startMs;
  const waits: number[] = [];
  const now = () => nowMs;
  const leases = new MemoryCallLeases({ now });
  const options = {
    leases,
    name: 'voice-live',
    perMinute: 3,
    now,
    sleep: async (ms: number) => {
      waits.push(ms);
      nowMs += ms;
    },
  };
  const [here, there] = [new ConnectionBudget(options), new ConnectionBudget(options)];
  return { here, there, waits, pass: (ms: number) => (nowMs += ms) };
}

describe('ConnectionBudget', () => {
  it('lets so many through a minute, of all processes together, and refuses the next at once', async () => {
    const { here, there, waits, pass } = create(600_000);
    await here.take(signal);
    await there.take(signal);
    await here.take(signal);
    await assert.rejects(there.take(signal), { code: 'MODEL_THROTTLED', retryable: true });
    assert.deepEqual(waits, []);
    pass(60_000);
    await here.take(signal);
  });

  it('waits for the next minute when that is near', async () => {
    const { here, there, waits } = create(659_000);
    for (const budget of [here, there, here]) await budget.take(signal);
    await there.take(signal);
    assert.deepEqual(waits, [1000]);
  });

  it('refuses nobody when the store cannot tell', async () => {
    const leases = { count: () => Promise.reject(new Error('no Redis')) };
    const budget = new ConnectionBudget({ leases, name: 'voice-live', perMinute: 1 });
    await budget.take(signal);
    await budget.take(signal);
  });
});
