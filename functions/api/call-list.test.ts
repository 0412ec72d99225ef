// The list of calls in other orders than by age: of calls that are kept, and of such as change while they are listed.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { CallId } from '../../shared/call/call.ts';
import { type CallState, newCallState } from '../../shared/call/call-state.ts';
import { AppError } from '../../shared/errors.ts';
import { CallLedger } from '../../shared/stores/call-ledger.ts';
import type { CallOrder } from '../../shared/stores/call-order.ts';
import { createMemoryStores } from '../../shared/stores/memory-stores.ts';
import { CallList } from './call-list.ts';

let list: CallList;
let ledger: CallLedger;
let stores: ReturnType<typeof createMemoryStores>;
beforeEach(() => {
  stores = createMemoryStores();
  ledger = new CallLedger(stores.stream, stores.history);
  list = new CallList({ ledger, ...stores });
});

const keep = (id: string, fields: Partial<CallState>) =>
  stores.history.save({ ...newCallState(id as CallId), version: 1, createdAt: 1, ...fields });

async function readAll(order: CallOrder): Promise<string[]> {
  const found: string[] = [];
  let next: string | undefined;
  do {
    const page = await list.read({ limit: 2, order, next });
    found.push(...page.calls.map(({ callId }) => callId));
    next = page.next;
  } while (next !== undefined);
  return found;
}

describe('the list of calls', () => {
  it('lists each call once, where it belongs as it is now, whatever the history has of it', async () => {
    const callId = 'in-now' as CallId;
    for (const [n, agent] of ['a', 'c', 'e', 'g', 'i'].entries()) await keep(`in-${n}`, { agent });
    await ledger.record(callId, {
      type: 'call-created',
      carrier: 'acs',
      direction: 'inbound',
      remoteParty: '+15550101',
      ourNumber: '+15550100',
      agent: 'd',
    });
    // The history is behind: there the call still stands where it was.
    await keep(callId, { agent: 'z', createdAt: 9 });
    assert.deepEqual(await readAll({ by: 'agent', isUp: true }), ['in-0', 'in-1', 'in-now', 'in-2', 'in-3', 'in-4']);
    assert.deepEqual(await readAll({ by: 'agent', isUp: false }), ['in-4', 'in-3', 'in-2', 'in-now', 'in-1', 'in-0']);
    assert.equal((await readAll({ by: 'createdAt', isUp: false }))[0], callId);
  });

  it('is sorted too where the history is away', async () => {
    for (const agent of ['b', 'a'])
      await ledger.record(`in-${agent}` as CallId, {
        type: 'call-created',
        carrier: 'acs',
        direction: 'inbound',
        remoteParty: '+15550101',
        ourNumber: '+15550100',
        agent,
      });
    stores.history.list = () => Promise.reject(new AppError('STORE_UNAVAILABLE', 'away'));
    assert.deepEqual(await readAll({ by: 'agent', isUp: true }), ['in-a', 'in-b']);
  });
});
