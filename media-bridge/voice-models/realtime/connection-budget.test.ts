// The budget of connections, on a clock of the test's own.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { MemoryCallLeases } from '../../../shared/stores/memory-call-leases.ts';
import { ConnectionBudget } from './connection-budget.ts';

const { signal } = new AbortController();
const settled = () => new Promise((resolve) => setImmediate(resolve));

function create(t: TestContext, now: number) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now });
  const options = { leases: new MemoryCallLeases(), name: 'voice-live', perMinute: 3 };
  return { here: new ConnectionBudget(options), there: new ConnectionBudget(options) };
}

describe('ConnectionBudget', () => {
  it('lets so many through a minute, of all processes together, and refuses the next at once', async (t) => {
    const { here, there } = create(t, 600_000);
    await here.take(signal);
    await there.take(signal);
    await here.take(signal);
    await assert.rejects(there.take(signal), { code: 'MODEL_THROTTLED', retryable: true });
    t.mock.timers.tick(60_000);
    await here.take(signal);
  });

  it('waits for the next minute when that is near', async (t) => {
    const { here, there } = create(t, 659_000);
    for (const budget of [here, there, here]) await budget.take(signal);
    let isTaken = false;
    const taking = there.take(signal).then(() => (isTaken = true));
    await settled();
    t.mock.timers.tick(999);
    await settled();
    assert.ok(!isTaken);
    t.mock.timers.tick(1);
    await taking;
  });

  it('waits no longer than somebody waits for it', async (t) => {
    const { here } = create(t, 659_000);
    for (let taken = 0; taken < 3; taken++) await here.take(signal);
    const call = new AbortController();
    const taking = here.take(call.signal);
    await settled();
    call.abort();
    await assert.rejects(taking, { name: 'AbortError' });
  });

  it('refuses nobody when the store cannot tell', async () => {
    const leases = { count: () => Promise.reject(new Error('no Redis')) };
    const budget = new ConnectionBudget({ leases, name: 'voice-live', perMinute: 1 });
    await budget.take(signal);
    await budget.take(signal);
  });
});
