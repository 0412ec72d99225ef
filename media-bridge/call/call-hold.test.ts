// Whose a call is, while stores fail, processes sleep and others take it.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { CallId } from '../../shared/call/call.ts';
import { silentLogger } from '../../shared/logger.ts';
import { isHeld, seizeHold } from '../../shared/stores/call-hold.ts';
import { MemoryCallLeases } from '../../shared/stores/memory-call-leases.ts';
import { TestClock } from '../audio/testing/test-clock.ts';
import { CallHold } from './call-hold.ts';

const callId = 'call-1' as CallId;
const settled = () => new Promise((resolve) => setImmediate(resolve));

async function setUp(t: TestContext, { isAway = false } = {}) {
  const clock = new TestClock(t);
  t.mock.method(Date, 'now', () => clock.nowMs);
  const leases = new MemoryCallLeases();
  const store = { isAway, answers: Promise.resolve() };
  const ask = async <Answer>(question: () => Promise<Answer>): Promise<Answer> => {
    if (store.isAway) throw new Error('away');
    const answer = await question();
    await store.answers;
    return answer;
  };
  const lease = isAway ? undefined : await seizeHold(leases, callId, 'r1');
  const hold = new CallHold({
    leases: {
      acquire: (...args) => ask(() => leases.acquire(...args)),
      renew: (...args) => ask(() => leases.renew(...args)),
      release: (given) => ask(() => leases.release(given)),
    },
    callId,
    replica: 'r1',
    lease,
    log: silentLogger,
  });
  t.after(() => hold.close());
  const told: string[] = [];
  hold.listen({ onLost: () => told.push('lost'), onUnsure: () => told.push('unsure') });
  const done: string[] = [];
  return {
    clock,
    leases,
    store,
    hold,
    told,
    done,
    write: (what: string) => hold.whileOurs(() => done.push(what)),
    async pass(ms: number) {
      for (let at = 0; at < ms; at += 500) {
        clock.pass(500);
        await settled();
      }
    },
  };
}

describe('CallHold', () => {
  it('is sure, and held for others to see, for as long as it is renewed', async (t) => {
    const { hold, leases, pass, told } = await setUp(t);
    assert.ok(hold.isSure);
    await pass(120_000);
    assert.deepEqual([hold.isSure, hold.fence, told, await isHeld(leases, callId)], [true, 1, [], true]);
    await hold.close();
    await hold.close();
    assert.equal(await isHeld(leases, callId), false);
  });

  it('is lost to whoever seizes the call: what is done from then on is not done', async (t) => {
    const { hold, leases, pass, told, done, write } = await setUp(t);
    write('before');
    const theirs = await seizeHold(leases, callId, 'r2');
    await pass(1_000);
    write('after');
    assert.deepEqual([told, done, hold.isSure], [['lost'], ['before'], false]);
    assert.ok(theirs.fence > 1);
    assert.equal(await hold.mayBeOurs(), false);
    await hold.close();
    assert.deepEqual(await isHeld(leases, callId), true, 'the other one keeps it');
  });

  it('stays ours while the store is away, and is not sure: history and caller come first', async (t) => {
    const { hold, store, pass, told, done, write } = await setUp(t);
    store.isAway = true;
    await pass(2_000);
    assert.deepEqual([hold.isSure, told], [true, []]);
    await pass(1_000);
    assert.ok(told.includes('unsure'));
    write('fact');
    assert.deepEqual(
      [hold.isSure, done, await hold.mayBeOurs(), await hold.isConfirmed()],
      [false, ['fact'], true, false],
    );
    store.isAway = false;
    await pass(1_000);
    assert.deepEqual([hold.isSure, await hold.isConfirmed()], [true, true]);
  });

  const doubts = [
    { name: 'writes what waited once the store tells that it is ours', isTheirs: false, writes: ['fact'], told: [] },
    { name: 'writes nothing of what waited where another one has it', isTheirs: true, writes: [], told: ['lost'] },
  ];
  for (const { name, isTheirs, writes, told } of doubts)
    it(`in doubt ${name}`, async (t) => {
      const { hold, leases, store, pass, done, write, ...heard } = await setUp(t);
      store.isAway = true;
      await pass(3_000);
      hold.doubt();
      write('fact');
      await pass(3_000);
      assert.deepEqual([done, await hold.mayBeOurs()], [[], true]);
      // The other one had it to its end: nobody has it now.
      if (isTheirs) await leases.release(await seizeHold(leases, callId, 'r2'));
      store.isAway = false;
      await pass(1_000);
      assert.deepEqual([done, heard.told.filter((what) => what !== 'unsure')], [writes, told]);
    });

  it("writes what waited when the carrier's newest socket is here", async (t) => {
    const { hold, store, pass, done, write } = await setUp(t);
    store.isAway = true;
    await pass(3_000);
    hold.doubt();
    write('before');
    hold.trust();
    write('after');
    assert.deepEqual(done, ['before', 'after']);
  });

  it('is taken again from a store that lost its data, with a higher fence', async (t) => {
    const { hold, leases, pass, told } = await setUp(t);
    const held = await leases.find(`call-held/${callId}`);
    await leases.release(held!);
    await pass(1_000);
    assert.deepEqual([told, hold.isSure, hold.fence! > held!.fence], [[], true, true]);
  });

  it('is taken as soon as that can be when the store was away at first', async (t) => {
    const { hold, store, pass } = await setUp(t, { isAway: true });
    await pass(3_000);
    assert.deepEqual([hold.isSure, hold.fence], [false, undefined]);
    store.isAway = false;
    await pass(1_000);
    assert.deepEqual([hold.isSure, hold.fence], [true, 1]);
  });

  it('waits after a sleep until it knows whose the call is, and then does what waited', async (t) => {
    const { clock, done, write } = await setUp(t);
    clock.nowMs += 10_000;
    write('first');
    write('second');
    assert.deepEqual(done, []);
    await settled();
    write('third');
    assert.deepEqual(done, ['first', 'second', 'third']);
  });

  it('does not believe an answer that was given before it slept', async (t) => {
    const { clock, leases, store, done, told, write } = await setUp(t);
    const { promise, resolve } = Promise.withResolvers<void>();
    store.answers = promise;
    clock.pass(1_000);
    await settled();
    await seizeHold(leases, callId, 'r2');
    clock.nowMs += 10_000;
    resolve();
    await settled();
    write('late');
    await settled();
    assert.deepEqual([done, told], [[], ['lost']]);
  });

  for (const isOver of [false, true]) {
    it(`wakes to a call that another one ${isOver ? 'had' : 'has'}, and does nothing more`, async (t) => {
      const { clock, leases, done, told, write, hold } = await setUp(t);
      const theirs = await seizeHold(leases, callId, 'r2');
      if (isOver) await leases.release(theirs);
      clock.nowMs += 10_000;
      write('late');
      await settled();
      write('later');
      assert.deepEqual([done, told], [[], ['lost']]);
      await hold.close();
    });
  }
});
