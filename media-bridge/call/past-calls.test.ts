// How long a media token lets a call's socket in, and what the stores have to say of the call for it.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import type { CallId } from '../../shared/call/call.ts';
import type { CallEvent, CallFact } from '../../shared/call/call-event.ts';
import { foldCallEvents } from '../../shared/call/call-state.ts';
import { AppError } from '../../shared/errors.ts';
import { type Logger, silentLogger } from '../../shared/logger.ts';
import type { SignedTicket } from '../../shared/media-token.ts';
import { MemoryCallHistory } from '../../shared/stores/memory-call-history.ts';
import { MemoryCallStream } from '../../shared/stores/memory-call-stream.ts';
import { PastCalls } from './past-calls.ts';

const callId = 'in-1' as CallId;
const minuteMs = 60_000;
const expected = { carrierCallId: 'connection-1', isExpected: true };
const unexpected = { carrierCallId: 'connection-1', isExpected: false };

const startedAt = 1_700_000_000_000;
let stream: MemoryCallStream;
let history: MemoryCallHistory;
let pastCalls: PastCalls;
let warnings: string[];
beforeEach(() => {
  mock.timers.enable({ apis: ['Date'], now: startedAt });
  stream = new MemoryCallStream();
  history = new MemoryCallHistory();
  warnings = [];
  const log = Object.assign(Object.create(silentLogger), {
    warn: (_fields: unknown, message: string) => warnings.push(message),
  }) as Logger;
  pastCalls = new PastCalls({ stream, history, log });
});
afterEach(() => mock.timers.reset());

/** Of this age when a test begins. */
const ticket = (ageMs: number): SignedTicket => ({
  callId,
  carrier: 'acs',
  direction: 'inbound',
  agent: 'receptionist',
  issuedAt: startedAt - ageMs,
});
const fresh = ticket(4.9 * minuteMs);
const old = ticket(5.1 * minuteMs);

const created: CallFact = {
  type: 'call-created',
  carrier: 'acs',
  direction: 'inbound',
  remoteParty: '+15550142',
  ourNumber: '+15550100',
  agent: 'receptionist',
};
const ended: CallFact = { type: 'call-ended', reason: 'caller-hung-up' };

/** As functions and bridge do. */
async function happen(...facts: CallFact[]): Promise<void> {
  const events = facts.map((fact): CallEvent => ({ ...fact, id: fact.type, callId, at: Date.now() }));
  for (const event of events) await stream.append(event);
  const { events: all, cursor } = await stream.readOn(callId, undefined);
  await history.save(foldCallEvents(callId, all));
  await stream.markSaved(callId, cursor);
}

const away = () => Promise.reject(new AppError('STORE_UNAVAILABLE', 'told to be away'));
const tooLate = { code: 'UNAUTHENTICATED', message: 'the media token is too old for a first use' };
const over = { code: 'CALL_ENDED' };

describe('a media token', () => {
  it('is used for the first time within five minutes', async () => {
    await happen(created);
    assert.equal((await pastCalls.find(fresh, unexpected)).knownIds.length, 1);
    await assert.rejects(pastCalls.find(old, unexpected), tooLate);
  });

  it('lets a socket of a call in that lives, however old it is', async () => {
    await happen(created, { type: 'media-started', replica: 'r' });
    await pastCalls.find(old, unexpected);
    await pastCalls.find(ticket(23 * 60 * minuteMs), unexpected);
  });

  it('never opens a call that has ended, also when the stream has forgotten it', async () => {
    await happen(created, { type: 'call-connected' }, ended);
    for (const given of [fresh, old]) await assert.rejects(pastCalls.find(given, unexpected), over);
    mock.timers.tick(61 * minuteMs);
    assert.deepEqual(await stream.read(callId), []);
    for (const given of [fresh, old]) {
      await assert.rejects(pastCalls.find(given, unexpected), over);
      await assert.rejects(pastCalls.find(given, expected), over);
    }
  });

  it('lets a socket of a call in that the stream lost, when the history says that it lives', async () => {
    await history.save({ ...foldCallEvents(callId, []), version: 2, phase: 'active', carrierCallId: 'connection-1' });
    await pastCalls.find(old, unexpected);
    await assert.rejects(pastCalls.find(old, { ...unexpected, carrierCallId: 'connection-2' }), { code: 'FORBIDDEN' });
  });

  it('of a call that nobody knows is good for its first minutes, and for a call that is here', async () => {
    await pastCalls.find(fresh, unexpected);
    await assert.rejects(pastCalls.find(old, unexpected), tooLate);
    await pastCalls.find(old, expected);
  });

  it('is believed, and the doubt logged, while nobody can be asked', async () => {
    stream.readOn = away;
    history.find = away;
    assert.deepEqual(await pastCalls.find(old, unexpected), { call: undefined, knownIds: [], cursor: undefined });
    const doubt = 'a media token is believed, though nobody knows whether its call lives';
    assert.ok(warnings.includes(doubt), String(warnings));
  });

  it('opens no ended call while only the stream is away', async () => {
    await happen(created, ended);
    stream.readOn = away;
    await assert.rejects(pastCalls.find(fresh, unexpected), over);
  });

  it('waits for no store that hangs', async () => {
    stream.readOn = () => new Promise(() => {});
    history.find = () => new Promise(() => {});
    const startedAt = performance.now();
    await pastCalls.find(old, unexpected);
    assert.ok(performance.now() - startedAt < 2_000);
  });
});

describe('the past of a call', () => {
  const turn = (text: string): CallFact => ({ type: 'turn-finished', role: 'caller', text, interrupted: false });
  const started: CallFact = { type: 'media-started', replica: 'r' };
  const texts = async () => (await pastCalls.find(fresh, unexpected)).call?.turns.map(({ text }) => text);

  it('is what the stream tells, with the ids of it and the place where it ends', async () => {
    await happen(created, started, turn('Hello?'));
    const { call, knownIds, cursor } = await pastCalls.find(fresh, unexpected);
    assert.equal(call?.agent, 'receptionist');
    assert.deepEqual([knownIds, cursor], [['call-created', 'media-started', 'turn-finished'], '3']);
  });

  it('is what the history kept when the stream has lost it or is away', async () => {
    await happen(created, started, turn('Hello?'));
    mock.timers.tick(25 * 60 * minuteMs);
    assert.deepEqual(await stream.read(callId), []);
    assert.deepEqual(await texts(), ['Hello?']);
    stream.readOn = away;
    assert.deepEqual(await texts(), ['Hello?']);
  });

  it('goes on from the history with what the stream has since it began anew', async () => {
    const all = [created, started, turn('one')].map(
      (fact, i): CallEvent => ({ ...fact, id: String(i), callId, at: i }),
    );
    await history.save({ ...foldCallEvents(callId, all), streamCursor: '2' });
    for (const [i, fact] of [turn('one'), started, turn('two')].entries())
      await stream.append({ ...fact, id: `new-${i}`, callId, at: 9 + i });
    const { call, knownIds } = await pastCalls.find(fresh, unexpected);
    assert.deepEqual(
      call?.turns.map(({ text }) => text),
      ['one', 'two'],
    );
    assert.deepEqual(knownIds, ['new-0', 'new-1', 'new-2']);
  });
});
