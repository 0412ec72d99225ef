// The journal of a call in front of stores that fail, hang and come back.
import assert from 'node:assert/strict';
import { describe, it, mock, type TestContext } from 'node:test';
import type { CallId } from '../../shared/call/call.ts';
import type { CallEvent } from '../../shared/call/call-event.ts';
import { newCallState } from '../../shared/call/call-state.ts';
import { silentLogger as log } from '../../shared/logger.ts';
import { CallLedger } from '../../shared/stores/call-ledger.ts';
import { createMemoryStores } from '../../shared/stores/memory-stores.ts';
import { createFaultyStores } from '../../shared/stores/testing/faulty-stores.ts';
import { CallJournal } from './call-journal.ts';

const callId = 'call-1' as CallId;
const digit = (digit: string) => ({ type: 'dtmf-received', digit }) as const;
const said = { type: 'turn-finished', role: 'caller', text: 'Hello.', interrupted: false } as const;

function setUp(t: TestContext, knownIds: readonly string[] = []) {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1000 });
  t.after(() => mock.timers.reset());
  const kept = createMemoryStores();
  const { stores, live, history } = createFaultyStores(kept);
  const ledger = new CallLedger(stores.stream, stores.history);
  const { stream } = stores;
  const hold = { fence: undefined, whileOurs: (write: () => void) => write() };
  const journal = new CallJournal({ call: newCallState(callId), knownIds, ledger, stream, hold, log });
  const digits = async () =>
    (await kept.stream.read(callId)).map((event) => (event.type === 'dtmf-received' ? event.digit : event.type));
  return { kept, live, history, journal, digits };
}

describe('CallJournal', () => {
  for (const state of ['well', 'away', 'hanging'] as const)
    it(`knows a fact at once, while the store is ${state}`, (t) => {
      const { journal, live } = setUp(t);
      live.become(state);
      journal.record(said);
      assert.deepEqual(
        journal.state.turns.map(({ text }) => text),
        ['Hello.'],
      );
    });

  it('writes facts in the order they came, and tells when it has', async (t) => {
    const { journal, digits } = setUp(t);
    for (const key of ['1', '2']) journal.record(digit(key));
    await journal.catchUp(500);
    assert.deepEqual(await digits(), ['1', '2']);
    journal.record(digit('3'));
    await journal.catchUp(500);
    assert.deepEqual(await digits(), ['1', '2', '3']);
  });

  it('goes on writing, and lets others watch, while the history hangs', async (t) => {
    const { journal, history, digits } = setUp(t);
    history.become('hanging');
    journal.record(said);
    for (const key of ['1', '2', '3']) journal.record(digit(key));
    await journal.catchUp(500);
    assert.deepEqual(await digits(), ['turn-finished', '1', '2', '3']);
  });

  it('waits for a store that hangs no longer than it is told', async (t) => {
    const { journal, live } = setUp(t);
    live.become('hanging');
    journal.record(digit('1'));
    const caughtUp = journal.catchUp(500);
    mock.timers.tick(500);
    await caughtUp;
  });

  it('takes what others write once, and its own echo and what it was opened with never', async (t) => {
    const { journal, kept } = setUp(t, ['known']);
    const event = { type: 'call-connected', id: 'e1', callId, at: 1 } as const;
    assert.equal(journal.observe(event), true);
    assert.equal(journal.observe(event), false);
    assert.equal(journal.observe({ ...event, id: 'known' }), false);
    journal.record(said);
    await journal.catchUp(500);
    for (const echo of await kept.stream.read(callId)) assert.equal(journal.observe(echo), false);
    assert.equal(journal.state.turns.length, 1);
  });

  it('is told that the call is elsewhere now, and not that it was elsewhere before', (t) => {
    const { journal } = setUp(t);
    const started = (at: number): CallEvent => ({
      type: 'media-started',
      replica: 'other',
      id: `at-${at}`,
      callId,
      at,
    });
    journal.record({ type: 'media-started', replica: 'here' });
    assert.equal(journal.observe(started(999)), false);
    assert.equal(journal.state.replica, 'here');
    assert.equal(journal.observe(started(1001)), true);
    assert.equal(journal.state.replica, 'other');
  });

  it('shows a turn in the making until it is finished, and keeps nothing of it', async (t) => {
    const { journal, kept } = setUp(t);
    const texts: string[] = [];
    kept.stream.subscribePartials(callId, ({ role, text }) => texts.push(`${role}: ${text}`));
    journal.showPartial('caller', 'I');
    journal.showPartial('caller', 'I would');
    journal.record(said);
    mock.timers.tick(1000);
    await journal.catchUp(500);
    assert.deepEqual(texts, ['caller: I']);
    assert.equal((await kept.stream.read(callId)).length, 1);
  });
});
