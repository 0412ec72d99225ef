// Tests when a lost media socket is asked for again, and when it is given up.
import '../../simulator/virtual-time/install.ts';

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import { loadAgents } from '../../shared/agents/agent.ts';
import type { CallId } from '../../shared/call/call.ts';
import { newCallState } from '../../shared/call/call-state.ts';
import { AppError } from '../../shared/errors.ts';
import { silentLogger as log } from '../../shared/logger.ts';
import { CallLedger } from '../../shared/stores/call-ledger.ts';
import { MemoryCallHistory } from '../../shared/stores/memory-call-history.ts';
import { MemoryCallLeases } from '../../shared/stores/memory-call-leases.ts';
import { MemoryCallStream } from '../../shared/stores/memory-call-stream.ts';
import { FakeCallControl } from '../testing/fake-call-control.ts';
import { AcsMediaRestarts } from './media-restarts.ts';

const agentsFolder = join(import.meta.dirname, '../../agents');
const callId = 'call-1' as CallId;
const carrierCallId = 'connection-1';

let control: FakeCallControl;
let stream: MemoryCallStream;
let ledger: CallLedger;
let leases: MemoryCallLeases;
let restarts: AcsMediaRestarts;
/** Of another process. */
let another: AcsMediaRestarts;
beforeEach(() => {
  control = new FakeCallControl();
  stream = new MemoryCallStream();
  ledger = new CallLedger(stream, new MemoryCallHistory());
  leases = new MemoryCallLeases();
  const options = {
    ledger,
    leases,
    control,
    agents: loadAgents(agentsFolder),
    announcements: { findUrl: (announcement: string, language: string) => `${announcement} in ${language}` },
  };
  restarts = new AcsMediaRestarts(options);
  another = new AcsMediaRestarts(options);
});

let failures = 0;
const fail = () => restarts.restart({ callId, carrierCallId, eventId: `event-${++failures}` }, log);
const unavailable = () => new AppError('CARRIER_UNAVAILABLE', 'throttled');
const took = async (work: Promise<void>) => {
  const startedMs = performance.now();
  await work;
  return Math.round((performance.now() - startedMs) / 1000);
};

describe('a media socket that is lost', () => {
  it('is asked for again for as long as a take-over may take, and then the call is ended', async () => {
    const pauses: number[] = [];
    while (control.hungUp.length === 0) pauses.push(await took(fail()));
    assert.deepEqual(pauses, [0, ...Array.from({ length: 30 }, () => 1), 0]);
    assert.equal(control.restarted.length, 31);
    assert.deepEqual(control.hungUp, [carrierCallId]);
    assert.equal((await ledger.find(callId))?.askedToEnd, 'media-lost');
  });

  it('is asked for again when ACS is throttled, fails, or does not take the call for connected yet', async () => {
    control.fail('restartMedia', unavailable(), unavailable(), unavailable());
    assert.equal(await took(fail()), 3);
    assert.equal(control.restarted.length, 4);
    assert.deepEqual(control.hungUp, []);
  });

  it('is given up when ACS cannot for half a minute, and the hang-up is pursued', async () => {
    control.fail('restartMedia', ...Array.from({ length: 100 }, unavailable));
    control.fail('hangUp', unavailable(), unavailable(), unavailable());
    const seconds = await took(fail());
    assert.ok(seconds >= 30 && seconds < 36, `${seconds} s`);
    assert.equal(control.hungUp.length, 4);
  });

  it('leaves a call to the reconciler that ACS does not end', async () => {
    control.fail('restartMedia', ...Array.from({ length: 100 }, unavailable));
    control.fail('hangUp', ...Array.from({ length: 100 }, unavailable));
    await fail();
    assert.equal((await ledger.find(callId))?.askedToEnd, 'media-lost');
  });

  it('is lost anew when a bridge had it meanwhile', async () => {
    for (let losses = 0; losses < 5; losses++) await fail();
    await new Promise((resolve) => setTimeout(resolve, 25_000));
    await stream.append({ type: 'media-started', replica: 'a', id: 'm', callId, at: Date.now() });
    assert.equal(await took(fail()), 0);
    assert.deepEqual(control.hungUp, []);
  });

  it('is given up when bridges take it again and again and none keeps it', async () => {
    let mediaAt = 0;
    ledger.findLive = async () => ({ ...newCallState(callId), mediaAt });
    while (control.hungUp.length === 0 && control.restarted.length < 100) {
      mediaAt = Date.now() - 50;
      await fail();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.equal(control.restarted.length, 40);
  });

  it('is not asked for when somebody hung up meanwhile', async () => {
    await fail();
    const second = fail();
    await ledger.record(callId, { type: 'hang-up-requested', by: 'operator', reason: 'operator-hung-up' });
    await second;
    assert.equal(control.restarted.length, 1);
  });

  it('is left alone once a bridge has it again, though ACS refuses to start what runs', async () => {
    control.fail('restartMedia', ...Array.from({ length: 100 }, unavailable));
    const restarting = fail();
    await new Promise((resolve) => setTimeout(resolve, 500));
    await stream.append({ type: 'media-started', replica: 'b', id: 'm2', callId, at: Date.now() });
    assert.ok((await took(restarting)) <= 1);
    assert.deepEqual([control.restarted.length, control.hungUp.length], [1, 0]);
  });

  it('is waited for in words: from the second try on, and then about every five seconds', async () => {
    const created = {
      carrier: 'acs',
      direction: 'inbound',
      remoteParty: 'a',
      ourNumber: 'b',
      agent: 'receptionist',
    } as const;
    await ledger.record(callId, { type: 'call-created', ...created });
    const lostMs = performance.now();
    const announcedAt: number[] = [];
    control.announce = async (id, url) => {
      assert.deepEqual([id, url], [carrierCallId, 'one-moment in en-US']);
      announcedAt.push(Math.round((performance.now() - lostMs) / 1000));
      // Nobody waits for it.
      await new Promise(() => {});
    };
    while (control.hungUp.length === 0) await fail();
    assert.deepEqual(announcedAt, [0, 4, 8, 12, 16, 20, 24, 28]);
  });

  it('is asked for again though ACS plays nothing, and no store tells whose agent it is', async () => {
    ledger.findLive = async () => {
      throw new AppError('STORE_UNAVAILABLE', 'away');
    };
    for (let losses = 0; losses < 3; losses++) await fail();
    assert.equal(control.restarted.length, 3);
  });

  it('is let go with a call that is gone', async () => {
    control.fail('restartMedia', new AppError('CALL_GONE', 'over'));
    await fail();
    assert.deepEqual(control.hungUp, []);
  });

  it('is asked for once, however often and to whomever it is told', async () => {
    control.fail('restartMedia', unavailable(), unavailable());
    const event = { callId, carrierCallId, eventId: 'told twice' };
    await Promise.all([restarts.restart(event, log), another.restart(event, log)]);
    await another.restart(event, log);
    assert.equal(control.restarted.length, 3);
  });

  it('is asked for by who is told again when the first was killed at it', async () => {
    control.fail('restartMedia', ...Array.from({ length: 2 }, unavailable));
    const event = { callId, carrierCallId, eventId: 'told again' };
    // Its process is gone: nobody renews its claim.
    await leases.acquire(`media-failure/${callId}/${event.eventId}`, 'somebody', 3_000);
    assert.ok((await took(another.restart(event, log))) <= 7);
    assert.equal(control.restarted.length, 3);
  });

  it('is not told again for want of a store that could remember that it was asked for', async (t) => {
    const acquire = leases.acquire.bind(leases);
    t.mock.method(leases, 'acquire', async (name: string, owner: string, ttlMs: number) => {
      if (name.endsWith('/done')) throw new AppError('STORE_UNAVAILABLE', 'away');
      return acquire(name, owner, ttlMs);
    });
    await fail();
    assert.equal(control.restarted.length, 1);
  });
});
