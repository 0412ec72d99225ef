// What every store of the history does, as tests to register against one of them.
import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import type { CallId } from '../call/call.ts';
import { type CallState, newCallState } from '../call/call-state.ts';
import type { CallHistory } from './call-history.ts';
import type { CallOrder, CallSort } from './call-order.ts';
import type { CallFilter } from './call-query.ts';

const makeCall = (id: string, fields: Partial<CallState> = {}): CallState => ({
  ...newCallState(id as CallId),
  version: 1,
  createdAt: 1000,
  ...fields,
});

/** Each test gets a store that is empty. */
export function testCallHistory(open: (context: TestContext) => Promise<CallHistory>) {
  it('gives back what it was given', async (t) => {
    const history = await open(t);
    const call = makeCall('a', {
      phase: 'ended',
      endReason: 'caller-hung-up',
      remoteParty: '+15550100',
      context: { nested: { ok: true }, list: [1, 'two'] },
      turns: [{ role: 'caller', text: "O'Brien; 'DROP' — naïve 👋", interrupted: true, at: 2 }],
      notes: ['call back'],
    });
    await history.save(call);
    assert.deepEqual(await history.find(call.callId), call);
  });

  it('does not find what was never saved', async (t) => {
    assert.equal(await (await open(t)).find('nobody' as CallId), undefined);
  });

  it('keeps the newer version, whoever writes last', async (t) => {
    const history = await open(t);
    await history.save(makeCall('a', { version: 2, notes: ['two'] }));
    await history.save(makeCall('a', { version: 1, notes: ['one'] }));
    assert.deepEqual((await history.find('a' as CallId))?.notes, ['two']);
    await history.save(makeCall('a', { version: 3, notes: ['three'] }));
    assert.deepEqual((await history.find('a' as CallId))?.notes, ['three']);
  });

  it('never opens again what has ended, however many events say so', async (t) => {
    const history = await open(t);
    const call = makeCall('a', { version: 2, phase: 'ended', endReason: 'caller-hung-up', notes: ['as it was'] });
    await history.save(call);
    await history.save(makeCall('a', { version: 99, phase: 'active' }));
    assert.deepEqual(await history.find('a' as CallId), call);
    await history.save({ ...call, version: 100, endReason: 'operator-hung-up' });
    assert.equal((await history.find('a' as CallId))?.endReason, 'operator-hung-up');
  });

  it('says whether it keeps what it was given', async (t) => {
    const history = await open(t);
    assert.equal(await history.save(makeCall('a', { version: 2 })), true);
    assert.equal(await history.save(makeCall('a', { version: 2 })), false);
    assert.equal(await history.save(makeCall('a', { version: 1 })), false);
    assert.equal(await history.save(makeCall('a', { version: 3 })), true);
  });

  it('keeps a state over the one it was made from, and over no other', async (t) => {
    const history = await open(t);
    assert.equal(await history.saveOver(1, makeCall('a', { version: 2 })), false, 'nothing is there');
    assert.equal(await history.saveOver(0, makeCall('a', { version: 2, notes: ['two'] })), true);
    assert.equal(await history.saveOver(0, makeCall('a', { version: 3 })), false);
    assert.equal(await history.saveOver(1, makeCall('a', { version: 3 })), false);
    assert.deepEqual((await history.find('a' as CallId))?.notes, ['two']);
    const raced = await Promise.all([3, 4, 5].map((version) => history.saveOver(2, makeCall('a', { version }))));
    assert.equal(raced.filter(Boolean).length, 1);
    assert.equal((await history.find('a' as CallId))?.version, 3 + raced.indexOf(true));
  });

  it('keeps the newest of versions that are written at once', async (t) => {
    const history = await open(t);
    await Promise.all([3, 1, 4, 2].map((version) => history.save(makeCall('a', { version }))));
    assert.equal((await history.find('a' as CallId))?.version, 4);
    assert.equal((await history.list({ limit: 10 })).calls.length, 1);
  });

  it('lists page by page, newest first, each call once, those of the same ms too', async (t) => {
    const history = await open(t);
    const ages: readonly [string, number | undefined][] = [
      ['a', 10],
      ['b', 30],
      ['c', 20],
      ['d', 20],
      ['e', 20],
      ['never-created', undefined],
    ];
    for (const [id, createdAt] of ages) await history.save(makeCall(id, { createdAt }));
    const seen: string[][] = [];
    let next: string | undefined;
    do {
      const page = await history.list({ limit: 2, next });
      seen.push(page.calls.map(({ callId }) => callId));
      next = page.next;
    } while (next !== undefined);
    assert.deepEqual(seen, [
      ['b', 'e'],
      ['d', 'c'],
      ['a', 'never-created'],
    ]);
  });

  it('pages on steadily while new calls come in', async (t) => {
    const history = await open(t);
    for (const at of [1, 2, 3]) await history.save(makeCall(`call-${at}`, { createdAt: at }));
    const first = await history.list({ limit: 2 });
    await history.save(makeCall('call-4', { createdAt: 4 }));
    const second = await history.list({ limit: 2, next: first.next });
    assert.deepEqual(
      second.calls.map(({ callId }) => callId),
      ['call-1'],
    );
    assert.equal(second.next, undefined);
  });

  it('lists by each of what is shown of calls, both ways, page by page, with the same calls in the end', async (t) => {
    const history = await open(t);
    const ended = (ms: number) => ({ connectedAt: 1_000, endedAt: 1_000 + ms });
    const calls = [
      makeCall('a', { createdAt: 50, agent: 'guide', model: 'cascade', remoteParty: '+15550109', endReason: 'busy' }),
      makeCall('b', { createdAt: 40, agent: 'clerk', model: 'voice-live', remoteParty: '+15550101', ...ended(9_000) }),
      makeCall('c', { createdAt: 30, agent: 'guide', model: 'gpt-realtime', endReason: 'failed', ...ended(20_000) }),
      makeCall('d', { createdAt: 20, agent: 'clerk', remoteParty: '+15550105', endReason: 'busy', ...ended(9_000) }),
      makeCall('e', { createdAt: 10 }),
    ];
    for (const call of calls) await history.save(call);
    const readAll = async (order: CallOrder) => {
      let [all, next]: [string, string | undefined] = ['', undefined];
      do {
        const page = await history.list({ limit: 2, order, next });
        all += page.calls.map(({ callId }) => callId).join('');
        next = page.next;
      } while (next !== undefined);
      return all;
    };
    const table: readonly [CallSort, string][] = [
      ['createdAt', 'edcba'],
      ['remoteParty', 'cebda'],
      ['agent', 'ebdac'],
      ['model', 'deacb'],
      ['lengthMs', 'aebdc'],
      ['reason', 'beadc'],
    ];
    for (const [by, up] of table) {
      assert.equal(await readAll({ by, isUp: true }), up, by);
      assert.equal(await readAll({ by, isUp: false }), [...up].reverse().join(''), by);
    }
    const { next } = await history.list({ limit: 2, order: { by: 'agent', isUp: true } });
    await assert.rejects(history.list({ limit: 2, order: { by: 'agent', isUp: false }, next }), {
      code: 'BAD_REQUEST',
    });
    await assert.rejects(history.list({ limit: 2, next }), { code: 'BAD_REQUEST' });
    const found = await history.list({ limit: 5, agent: 'guide', order: { by: 'lengthMs', isUp: false } });
    assert.deepEqual(
      found.calls.map(({ callId }) => callId),
      ['c', 'a'],
    );
  });

  it('lists nothing when there is nothing', async (t) => {
    assert.deepEqual(await (await open(t)).list({ limit: 5 }), { calls: [] });
  });

  it('lists the calls whose end it does not know, newest first', async (t) => {
    const history = await open(t);
    assert.deepEqual(await history.listUnended(5), []);
    const phases = ['dialling', 'ended', 'ringing', 'active', 'transferring', 'ended'] as const;
    for (const [i, phase] of phases.entries()) await history.save(makeCall(`call-${i}`, { createdAt: i, phase }));
    const list = async (limit: number) => (await history.listUnended(limit)).map(({ callId }) => callId);
    assert.deepEqual(await list(5), ['call-4', 'call-3', 'call-2', 'call-0']);
    assert.deepEqual(await list(2), ['call-4', 'call-3']);
    await history.save(makeCall('call-3', { createdAt: 3, version: 2, phase: 'ended' }));
    assert.deepEqual(await list(5), ['call-4', 'call-2', 'call-0']);
  });

  it('finds calls by time, agent, reason, outcome, caller and words, page by page', async (t) => {
    const history = await open(t);
    const summary = { value: 'Wants a QUOTE for 100% wool', turns: [1] };
    const finding = { value: null, turns: [] };
    const done: CallState['outcome'] = {
      status: 'done',
      attempts: 1,
      result: { summary, nextAction: finding, satisfaction: { value: 'dissatisfied', turns: [1] }, fields: {} },
    };
    const calls = [
      makeCall('a', { createdAt: 10, agent: 'clerk', phase: 'ended', endReason: 'busy', remoteParty: '+15550101' }),
      makeCall('b', { createdAt: 20, agent: 'clerk', phase: 'ended', outcome: done, notes: ['Ring Åsa'] }),
      makeCall('c', {
        createdAt: 30,
        agent: 'guide',
        remoteParty: '+15550101',
        outcome: { status: 'failed', attempts: 2, code: 'X' },
        turns: [{ role: 'caller', text: "O'Brien here", interrupted: false, at: 31 }],
      }),
    ];
    for (const call of calls) await history.save(call);
    const find = async (filter: CallFilter) =>
      (await history.list({ limit: 10, ...filter })).calls.map(({ callId }) => String(callId)).join('');
    const table: readonly [CallFilter, string][] = [
      [{}, 'cba'],
      [{ from: 20 }, 'cb'],
      [{ to: 20 }, 'a'],
      [{ from: 20, to: 30 }, 'b'],
      [{ agent: 'clerk' }, 'ba'],
      [{ agent: 'clerk', from: 15 }, 'b'],
      [{ phase: 'ended' }, 'ba'],
      [{ reason: 'busy' }, 'a'],
      [{ outcome: 'failed' }, 'c'],
      [{ satisfaction: 'dissatisfied' }, 'b'],
      [{ remoteParty: '+15550101' }, 'ca'],
      [{ text: 'quote' }, 'b'],
      [{ text: '100%' }, 'b'],
      [{ text: 'åSA' }, 'b'],
      [{ text: "O'BRIEN" }, 'c'],
      [{ text: 'nothing of it' }, ''],
      [{ text: 'a_o' }, ''],
    ];
    for (const [filter, found] of table) assert.equal(await find(filter), found, JSON.stringify(filter));
    const first = await history.list({ limit: 1, agent: 'clerk' });
    const second = await history.list({ limit: 1, agent: 'clerk', next: first.next });
    assert.deepEqual(
      [first, second].flatMap((page) => page.calls).map(({ callId }) => callId),
      ['b', 'a'],
    );
    assert.equal(second.next, undefined);
  });

  it('lists the calls that have ended and are not settled', async (t) => {
    const history = await open(t);
    await history.save(makeCall('a', { phase: 'ended' }));
    await history.save(makeCall('b', { phase: 'active' }));
    const list = async () => (await history.listOwing(5)).map(({ callId }) => callId);
    assert.deepEqual(await list(), ['a']);
    await history.save(makeCall('a', { phase: 'ended', version: 2, settledAt: 9 }));
    assert.deepEqual(await list(), []);
  });

  it('lists the calls whose recording is to go', async (t) => {
    const history = await open(t);
    const recorded = (id: string, status: 'kept' | 'expired', until: number) =>
      makeCall(id, { recording: { status, files: [], until } });
    await history.save(recorded('old', 'kept', Date.now() - 1));
    await history.save(recorded('new', 'kept', Date.now() + 60_000));
    await history.save(recorded('gone', 'expired', Date.now() - 1));
    await history.save(makeCall('never'));
    assert.deepEqual(await history.listOldRecordings(5), ['old']);
  });

  it('removes a call for good, and has nothing against removing it twice', async (t) => {
    const history = await open(t);
    await history.save(makeCall('a'));
    await history.remove('a' as CallId);
    await history.remove('a' as CallId);
    assert.equal(await history.find('a' as CallId), undefined);
    assert.deepEqual(await history.list({ limit: 5 }), { calls: [] });
  });

  it('refuses a next that it did not give', async (t) => {
    const history = await open(t);
    const encode = (cursor: unknown) => Buffer.from(JSON.stringify(cursor)).toString('base64url');
    const forged = encode(['createdAt-down', 1, "x' OR 1=1"]);
    for (const next of [
      '',
      'zzz',
      forged,
      encode(['createdAt-down', 'x', 'a']),
      encode(['agent-up', 'x', 'a']),
      Buffer.from('{"a":1}').toString('base64url'),
    ])
      await assert.rejects(history.list({ limit: 2, next }), { code: 'BAD_REQUEST' });
  });

  it('answers a ping, and closes twice without harm', async (t) => {
    const history = await open(t);
    await history.ping();
    await history.close();
    await history.close();
  });
}
