// The history of calls whose process died before it was written.
import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import type { CallId } from '../call/call.ts';
import type { CallEvent, CallFact } from '../call/call-event.ts';
import { silentLogger as log } from '../logger.ts';
import { CallLedger } from './call-ledger.ts';
import { HistorySweep } from './history-sweep.ts';
import { createMemoryStores } from './memory-stores.ts';
import { createFaultyStores } from './testing/faulty-stores.ts';

const ended: CallFact = { type: 'call-ended', reason: 'busy' };
const end = (callId: string) => ({ ...ended, id: 'end', callId: callId as CallId, at: 1 }) as CallEvent;

function setUp(t: TestContext) {
  const clock = t.mock.timers;
  clock.enable({ apis: ['Date'] });
  const kept = createMemoryStores();
  const { stores, live, history } = createFaultyStores(kept);
  const newSweep = (owner: string) => {
    const ledger = new CallLedger(stores.stream, stores.history, log);
    return new HistorySweep({ ledger, stream: stores.stream, leases: stores.leases, owner, log });
  };
  return { clock, kept, stores, live, history, newSweep };
}

it('writes what another process left, once it is old enough to be left', async (t) => {
  const { clock, kept, newSweep } = setUp(t);
  await kept.stream.append(end('a'));
  await kept.stream.append(end('b'));
  assert.equal(await newSweep('one').run(), 0, 'whoever appended it is about to write it');
  clock.tick(30_000);
  assert.equal(await newSweep('one').run(), 2);
  assert.equal((await kept.history.find('a' as CallId))?.phase, 'ended');
  assert.equal(await newSweep('two').run(), 0);
});

it('leaves it to one process at a time, and does not wait for one that died', async (t) => {
  const { clock, kept, newSweep } = setUp(t);
  await kept.stream.append(end('a'));
  clock.tick(30_000);
  await kept.leases.acquire('history-sweep', 'dead', 60_000);
  assert.equal(await newSweep('one').run(), 0);
  clock.tick(60_000);
  assert.equal(await newSweep('one').run(), 1);
});

it('ends early while the history is away, and the next one finds all of it', async (t) => {
  const { clock, kept, history, newSweep } = setUp(t);
  for (let i = 0; i < 9; i++) await kept.stream.append(end(`call-${i}`));
  clock.tick(30_000);
  history.become('away');
  const sweep = newSweep('one');
  assert.equal(await sweep.run(), 0);
  history.become('well');
  assert.equal(await sweep.run(), 9);
});

it('is not kept from the others by one that cannot be written', async (t) => {
  const { clock, kept, newSweep } = setUp(t);
  for (const callId of ['bad', 'good']) await kept.stream.append(end(callId));
  clock.tick(30_000);
  const { save } = kept.history;
  kept.history.save = async (call) => {
    if (call.callId === 'bad') throw new RangeError('it is too large');
    return save.call(kept.history, call);
  };
  assert.equal(await newSweep('one').run(), 1);
  assert.equal((await kept.history.find('good' as CallId))?.phase, 'ended');
});

it('never rejects', async (t) => {
  const { live, newSweep } = setUp(t);
  live.become('away');
  assert.equal(await newSweep('one').run(), 0);
});
