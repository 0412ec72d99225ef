// Whole calls while stores are away, hang, refuse and come back: answered, heard, ended, and written down in the end.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { callDetailSchema, callListSchema } from '../../shared/api.ts';
import { type CallDirection, type Carrier, phoneCarriers } from '../../shared/call/call.ts';
import { createMemoryStores } from '../../shared/stores/memory-stores.ts';
import { createFaultyStores, type FaultyStores, type StoreState } from '../../shared/stores/testing/faulty-stores.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonStep } from '../caller/person-script.ts';
import type { World } from '../world/world.ts';
import { placeCall, poll } from './carrier-leg.ts';
import { startMachines } from './machines.ts';
import { startScenarioWorld } from './scenario-world.ts';

const question = 'What are your opening hours?';
const talk: readonly PersonStep[] = [{ wait: 'agent-finished' }, { say: question }, { wait: 'agent-finished' }];
/** The greeting is being spoken. */
const midCallMs = 3_000;
/** The answer is being spoken. */
const laterMs = 9_000;
/** The answer was heard. */
const operatorMs = 14_000;
/** The history is tried again every half minute. */
const writtenWithinMs = 120_000;

interface Case {
  readonly carrier: Carrier;
  readonly direction: CallDirection;
  readonly number: string;
  readonly endsBy: 'caller' | 'operator';
}

/** The agent is rung and rings, people hang up and the operator does. */
const cases: readonly Case[] = phoneCarriers.flatMap((carrier, i) => [
  { carrier, direction: 'inbound', number: `+1555010${i}`, endsBy: 'caller' },
  { carrier, direction: 'inbound', number: `+1555011${i}`, endsBy: 'operator' },
  { carrier, direction: 'outbound', number: `+1555012${i}`, endsBy: 'caller' },
  { carrier, direction: 'outbound', number: `+1555013${i}`, endsBy: 'operator' },
]);

/** Of the call with this phone, as soon as the list of calls has it. */
async function findCallId(world: World, number: string): Promise<string> {
  const look = async () => {
    const response = await world.ask('/api/calls');
    if (!response.ok) return undefined;
    const { calls } = callListSchema.parse(await response.json());
    return calls.find(({ phone_number }) => phone_number === number)?.call_id;
  };
  const callId = await poll(look, (found) => found !== undefined, 20_000);
  assert.ok(callId, 'no list has the call');
  return callId;
}

/** The person's end of it: answered, heard, and ended. */
async function converse(world: World, { number, endsBy, ...order }: Case): Promise<void> {
  const { voice } = world.standIns;
  const script: readonly PersonStep[] =
    endsBy === 'caller' ? [...talk, { hangUp: true }] : [...talk, { wait: 'line-closed', maxMs: 60_000 }];
  const person = await createPerson({ script, speak: (text) => voice.speak(text) });
  await placeCall(world, { ...order, number, phone: person });
  if (endsBy === 'operator') {
    const callId = await findCallId(world, number);
    await sleep(operatorMs);
    assert.equal((await world.ask(`/api/calls/${callId}/hang-up`, {})).status, 202);
  }
  const report = await person.done;
  assert.equal(report.outcome, 'finished', report.reason);
  assert.ok(report.lines[0]?.answeredAfterMs !== undefined, 'the question was not answered');
}

/** What is written down of it, once all is well. */
async function checkRecord(world: World, { number, endsBy, direction, carrier }: Case): Promise<void> {
  const callId = await findCallId(world, number);
  const look = async () => callDetailSchema.parse(await (await world.ask(`/api/calls/${callId}`)).json());
  const call = await poll(look, ({ status, turns }) => status === 'ended' && turns.length >= 3, writtenWithinMs);
  assert.deepEqual(
    [call.status, call.end_reason, call.direction, call.carrier, call.phone_number],
    ['ended', endsBy === 'caller' ? 'caller-hung-up' : 'operator-hung-up', direction, carrier, number],
  );
  assert.deepEqual(
    call.turns.map(({ role }) => role),
    ['agent', 'caller', 'agent'],
  );
}

type Fail = (faults: FaultyStores, state: StoreState) => void;
const services: Record<string, Fail> = {
  Redis: ({ live }, state) => live.become(state),
  'the history': ({ history }, state) => history.become(state),
  'Redis and the history': ({ live, history }, state) => {
    live.become(state);
    history.become(state);
  },
};
/** At the start, in mid-call, and later in it. */
const courses: Record<string, readonly [StoreState, StoreState, StoreState]> = {
  'away from the start': ['away', 'away', 'away'],
  'away from mid-call on': ['well', 'away', 'away'],
  'hanging from mid-call on': ['well', 'hanging', 'hanging'],
  'full from mid-call on': ['well', 'read-only', 'read-only'],
  'away at the start and back in mid-call': ['away', 'away', 'well'],
};

for (const [service, fail] of Object.entries(services))
  for (const [course, [atStart, inMidCall, later]] of Object.entries(courses))
    it(`calls are held and kept with ${service} ${course}`, async (t) => {
      const kept = createMemoryStores();
      const faults = createFaultyStores(kept);
      fail(faults, atStart);
      const world = await startMachines(t, { bridges: 1, stores: faults.stores });
      // Nobody is dialled where nothing counts who is.
      const canDial = atStart === 'well' || service === 'the history';
      // Nor can an operator find a call of which only its bridge knows.
      const canList = atStart === 'well' || later === 'well' || service !== 'Redis and the history';
      const held = cases.filter(
        ({ direction, endsBy }) => (canDial || direction === 'inbound') && (canList || endsBy === 'caller'),
      );
      const conversations = held.map((one) => converse(world, one));
      if (!canDial) await checkNobodyIsDialled(world);
      await sleep(midCallMs);
      fail(faults, inMidCall);
      await sleep(laterMs - midCallMs);
      fail(faults, later);
      await Promise.all(conversations);
      fail(faults, 'well');
      for (const one of held) await checkRecord(world, one);
      await sleep(writtenWithinMs);
      const { calls } = await kept.history.list({ limit: 100 });
      assert.deepEqual(
        calls.map(({ phase, turns }) => [phase, turns.length]),
        held.map(() => ['ended', 3]),
      );
      assert.deepEqual(await kept.stream.unsavedCallIds({ olderThanMs: 0, limit: 9 }), []);
    });

it('a carrier that refuses to hang up while Redis is away is asked until it does', async (t) => {
  const faults = createFaultyStores(createMemoryStores());
  const world = await startMachines(t, { bridges: 1, stores: faults.stores });
  const { standIns } = world;
  const goodbye: readonly PersonStep[] = [...talk, { say: 'Goodbye.' }, { wait: 'line-closed', maxMs: 12_000 }];
  const callers = phoneCarriers.map(async (carrier, i) => {
    const person = await createPerson({ script: goodbye, speak: (text) => standIns.voice.speak(text) });
    await placeCall(world, { carrier, direction: 'inbound', number: `+1555014${i}`, phone: person });
    return await person.done;
  });
  await sleep(laterMs);
  faults.live.become('away');
  // Four in seconds, and not as many as are given up after.
  for (const carrier of phoneCarriers) standIns[carrier].faults.rest.add({ instead: { status: 400 }, times: 4 });
  for (const { outcome, reason } of await Promise.all(callers)) assert.equal(outcome, 'finished', reason);
});

async function checkNobodyIsDialled(world: World): Promise<void> {
  for (const carrier of phoneCarriers) {
    const response = await world.ask('/api/call', { to: '+15550190', carrier });
    assert.equal(response.status, 503);
  }
  const { acs, twilio } = world.standIns;
  assert.ok(acs.calls.every(({ number }) => number !== '+15550190'));
  assert.ok(twilio.calls.every(({ options }) => options.to !== '+15550190'));
}

describe('calls are held and kept with a file of the history', () => {
  const held = cases.filter(({ direction, endsBy }) => direction === 'inbound' && endsBy === 'caller');
  const faults: Record<string, (folder: string) => () => void> = {
    'that another process has locked': (folder) => {
      mkdirSync(folder);
      const other = new DatabaseSync(join(folder, 'calls.sqlite'));
      other.exec('PRAGMA journal_mode = WAL; BEGIN IMMEDIATE');
      return () => other.close();
    },
    'that cannot be made': (folder) => {
      writeFileSync(folder, 'in the way');
      return () => rmSync(folder);
    },
  };
  for (const [fault, fail] of Object.entries(faults))
    it(fault, async (t) => {
      const root = mkdtempSync(join(tmpdir(), 'parley-file-'));
      t.after(() => rmSync(root, { recursive: true, force: true }));
      const DATA_FOLDER = join(root, 'data');
      const mend = fail(DATA_FOLDER);
      const world = await startScenarioWorld({ settings: { DATA_FOLDER } });
      t.after(() => world.stop());
      await Promise.all(held.map((one) => converse(world, one)));
      assert.match(
        await (await fetch(`${world.product.bridgeUrl}/healthz`)).text(),
        /"history":"down".*SQLite|DATA_FOLDER/,
      );
      mend();
      for (const one of held) await checkRecord(world, one);
      await sleep(writtenWithinMs);
      const response = await world.ask('/api/calls');
      const { calls, incomplete } = callListSchema.parse(await response.json());
      assert.deepEqual([calls.map(({ status }) => status), incomplete], [held.map(() => 'ended'), undefined]);
    });
});
