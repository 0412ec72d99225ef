// What every store of callers does, as tests to register against one of them.
import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import type { CallId } from '../call/call.ts';
import type { CallerKey, CallerMemory, CallerVisit, ForgetRequest } from './caller-memory.ts';

const one = 'caller-one' as CallerKey;
const other = 'caller-other' as CallerKey;
const soon = () => Date.now() + 60_000;

const makeVisit = (id: string, at: number, fields: Partial<CallerVisit> = {}): CallerVisit => ({
  callId: id as CallId,
  agent: 'receptionist',
  at,
  endedAt: at + 5,
  isBrokenOff: false,
  notes: [],
  expiresAt: soon(),
  ...fields,
});
const makeRequest = (id: string, fields: Partial<ForgetRequest> = {}): ForgetRequest => ({
  id,
  requestedAt: 1,
  party: '+15550100',
  calls: 0,
  files: 0,
  waitingFor: [],
  expiresAt: soon(),
  ...fields,
});

/** Each test gets a store that is empty. */
export function testCallerMemory(open: (context: TestContext) => Promise<CallerMemory>) {
  it('tells the visits of one caller, newest first, and nobody else’s', async (t) => {
    const memory = await open(t);
    await memory.remember(one, makeVisit('a', 10));
    await memory.remember(one, makeVisit('c', 30, { summary: "O'Brien 👋", notes: ['call back'], isBrokenOff: true }));
    await memory.remember(other, makeVisit('b', 20));
    const visits = await memory.visits(one, 5);
    assert.deepEqual(
      visits.map(({ callId }) => callId),
      ['c', 'a'],
    );
    assert.partialDeepStrictEqual(visits[0], { summary: "O'Brien 👋", notes: ['call back'], isBrokenOff: true });
    assert.deepEqual((await memory.visits(one, 1)).length, 1);
    assert.deepEqual(await memory.visits('nobody' as CallerKey, 5), []);
  });

  it('keeps a visit once, as it was told last', async (t) => {
    const memory = await open(t);
    await memory.remember(one, makeVisit('a', 10));
    await memory.remember(one, makeVisit('a', 10, { summary: 'Wanted a quote.' }));
    assert.deepEqual(
      (await memory.visits(one, 5)).map(({ summary }) => summary),
      ['Wanted a quote.'],
    );
  });

  it('does not know what has expired', async (t) => {
    const memory = await open(t);
    await memory.remember(one, makeVisit('a', 10, { expiresAt: Date.now() - 1 }));
    await memory.saveRequest(makeRequest('r', { expiresAt: Date.now() - 1 }));
    assert.deepEqual(await memory.visits(one, 5), []);
    assert.equal(await memory.findRequest('r'), undefined);
    await memory.removeExpired();
  });

  it('forgets a caller, and nobody else', async (t) => {
    const memory = await open(t);
    await memory.remember(one, makeVisit('a', 10));
    await memory.remember(one, makeVisit('b', 20));
    await memory.remember(other, makeVisit('c', 30));
    assert.equal(await memory.forget(one), 2);
    assert.equal(await memory.forget(one), 0);
    assert.deepEqual(await memory.visits(one, 5), []);
    assert.equal((await memory.visits(other, 5)).length, 1);
  });

  it('keeps wishes to be forgotten, and tells those that are open, the oldest first', async (t) => {
    const memory = await open(t);
    await memory.saveRequest(makeRequest('b', { requestedAt: 2 }));
    await memory.saveRequest(makeRequest('a', { requestedAt: 1 }));
    const listOpen = async () => (await memory.openRequests(5)).map(({ id }) => id);
    assert.deepEqual(await listOpen(), ['a', 'b']);
    await memory.saveRequest(makeRequest('a', { party: undefined, doneAt: 9, calls: 3 }));
    assert.deepEqual(await listOpen(), ['b']);
    assert.partialDeepStrictEqual(await memory.findRequest('a'), { doneAt: 9, calls: 3 });
    assert.equal(await memory.findRequest('nobody'), undefined);
  });

  it('answers a ping, and closes twice without harm', async (t) => {
    const memory = await open(t);
    await memory.ping();
    await memory.close();
    await memory.close();
  });
}
