// Tests rounds of the reconciler over calls that got stuck, with a carrier that obeys the test.
import '../../simulator/virtual-time/install.ts';

import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallId, Carrier } from '../../shared/call/call.ts';
import type { CallEvent, CallFact } from '../../shared/call/call-event.ts';
import { AppError } from '../../shared/errors.ts';
import { silentLogger } from '../../shared/logger.ts';
import { seizeHold } from '../../shared/stores/call-hold.ts';
import { CallLedger } from '../../shared/stores/call-ledger.ts';
import { createMemoryStores } from '../../shared/stores/memory-stores.ts';
import type { Stores } from '../../shared/stores/stores.ts';
import { FakeCallControl } from '../testing/fake-call-control.ts';
import { Reconciler } from './reconciler.ts';

let stores: Stores;
let ledger: CallLedger;
let control: FakeCallControl;

function createReconciler(log = silentLogger): Reconciler {
  const { stream, history, leases, bridgeLoads } = stores;
  return new Reconciler({
    ledger,
    stream,
    history,
    leases,
    bridgeLoads,
    controls: new Map([[control.carrier, control]]),
    log,
  });
}

function start(carrier: Carrier = 'acs'): void {
  stores = createMemoryStores();
  ledger = new CallLedger(stores.stream, stores.history);
  control = new FakeCallControl(carrier);
}
beforeEach(() => start());

const id = 'call-1' as CallId;
const connected: readonly CallFact[] = [
  { type: 'carrier-accepted', carrierCallId: 'c-1' },
  { type: 'call-connected' },
  { type: 'media-started', replica: 'bridge-1' },
];

async function given(facts: readonly CallFact[], callId = id, direction: 'inbound' | 'outbound' = 'inbound') {
  const numbers = { remoteParty: '+15550142', ourNumber: '+15550100' };
  const created = { type: 'call-created', carrier: control.carrier, direction, ...numbers, agent: 'a' } as const;
  for (const fact of [created, ...facts]) await ledger.record(callId, fact);
}

const end = async (callId = id) => {
  const state = await ledger.find(callId);
  return [state?.phase, state?.endReason, state?.endCode];
};

/** Rounds as the timer makes them, for so long. */
async function rounds(seconds: number): Promise<void> {
  const reconciler = createReconciler();
  for (let s = 0; s < seconds; s += 30) {
    await sleep(30_000);
    await reconciler.run();
  }
}

describe('a call that is over', () => {
  const ringsElsewhere: CallFact = { type: 'transfer-started', target: 'billing' };
  const stopped = (clean: boolean): CallFact => ({ type: 'media-stopped', replica: 'bridge-1', clean });
  for (const [what, facts, reason] of [
    ['whose carrier ended its media in order', [...connected, stopped(true)], 'caller-hung-up'],
    ['whose media was lost before', [...connected, stopped(false)], 'media-lost'],
    ['whose bridge died before', connected, 'media-lost'],
    [
      'that no bridge took over',
      [...connected, { type: 'media-stopped', replica: 'bridge-1', clean: true, handedOver: 'nobody' }],
      'media-lost',
    ],
    [
      'that was being ended',
      [...connected, { type: 'hang-up-requested', by: 'agent', reason: 'voicemail' }],
      'voicemail',
    ],
    ['that was handed over', [...connected, ringsElsewhere, { type: 'transfer-answered' }], 'transferred'],
    ['whose caller left while another phone rang', [...connected, ringsElsewhere], 'caller-hung-up'],
  ] as [string, CallFact[], string][]) {
    it(`${what}, and whose end was not told, is closed as ${reason} within two minutes`, async () => {
      await given(facts);
      control.standing.set('c-1', { phase: 'over' });
      await rounds(120);
      assert.deepEqual(await end(), ['ended', reason, 'END_NOT_TOLD']);
    });
  }

  for (const [endStatus, reason] of [
    ['completed', 'caller-hung-up'],
    ['busy', 'busy'],
    ['no-answer', 'no-answer'],
    ['failed', 'carrier-error'],
  ] as const) {
    it(`at Twilio is closed as Twilio keeps it: ${endStatus}`, async () => {
      start('twilio');
      await given([{ type: 'carrier-accepted', carrierCallId: 'c-1' }], id, 'outbound');
      control.standing.set('c-1', { phase: 'over', endStatus });
      await rounds(120);
      assert.deepEqual(await end(), ['ended', reason, endStatus]);
    });
  }

  describe('and whose end is not told yet', () => {
    const told: CallFact = { type: 'call-ended', reason: 'caller-hung-up', code: '200/540000' };
    const inTruth = ['ended', 'caller-hung-up', '200/540000'];
    /** One that the product of this process was told, and could not write. */
    const tell = () => ledger.post(id, told, { id: 'call-ended' });
    const endEvents = async () =>
      (await stores.stream.read(id))
        .map(({ type }) => type)
        .filter((type) => type.startsWith('call-end') || type.startsWith('end-'));
    /** The stream does not take these. */
    const refuse = (isRefused: (event: CallEvent) => boolean) => {
      const { stream } = stores;
      const append = stream.append.bind(stream);
      const away = () => Promise.reject(new AppError('STORE_UNAVAILABLE', { store: 'Redis', problem: 'away' }));
      stream.append = (event) => (isRefused(event) ? away() : append(event));
      return () => Object.assign(stream, { append });
    };
    beforeEach(async () => {
      await given(connected);
      control.standing.set('c-1', { phase: 'over' });
    });

    it('is given a round: a store that is just back is written to by those who know', async () => {
      await rounds(30);
      assert.deepEqual([control.looks, (await end())[0]], [['c-1'], 'active']);
      await tell();
      await rounds(60);
      assert.deepEqual([await end(), await endEvents()], [inTruth, ['call-ended']]);
    });

    it('gives a guess up for what is told later, once, whoever tells it and however often', async () => {
      await rounds(90);
      assert.deepEqual(await end(), ['ended', 'media-lost', 'END_NOT_TOLD']);
      const shown: string[] = [];
      stores.stream.subscribe('all', ({ type }) => shown.push(type));
      const another = new CallLedger(stores.stream, stores.history);
      await Promise.all([tell(), tell(), another.post(id, told, { id: 'call-ended' })]);
      await sleep(2_000);
      assert.deepEqual([await end(), await endEvents()], [inTruth, ['call-ended', 'end-corrected']]);
      assert.deepEqual(shown, ['end-corrected']);
      const kept = await stores.history.find(id);
      assert.deepEqual(
        [kept?.endReason, kept?.endCode, kept?.isEndGuessed],
        ['caller-hung-up', '200/540000', undefined],
      );
    });

    it('takes what the history alone was told, by a process that is gone', async () => {
      const heal = refuse(() => true);
      await tell();
      await ledger.close(1_000);
      heal();
      ledger = new CallLedger(stores.stream, stores.history);
      assert.equal((await end())[0], 'active');
      await rounds(90);
      assert.deepEqual([await end(), await endEvents()], [inTruth, ['call-ended']]);
      assert.equal((await stores.history.find(id))?.endReason, 'caller-hung-up');
    });

    it('is guessed by all that is known, also by the history alone', async () => {
      const heal = refuse(() => true);
      await ledger.post(id, { type: 'media-stopped', replica: 'bridge-1', clean: true });
      await ledger.close(1_000);
      heal();
      ledger = new CallLedger(stores.stream, stores.history);
      await rounds(90);
      assert.deepEqual(await end(), ['ended', 'caller-hung-up', 'END_NOT_TOLD']);
    });

    it('is corrected in the history, too, where the one who knows never reached the stream again', async () => {
      const knows = new CallLedger(stores.stream, stores.history);
      const heal = refuse((event) => 'code' in event && event.code === told.code);
      await knows.post(id, told, { id: 'call-ended' });
      await rounds(90);
      assert.equal((await end())[1], 'media-lost');
      await knows.close(1_000);
      heal();
      assert.deepEqual(await end(), inTruth);
    });
  });

  it('is found by the history where the stream has lost it', async () => {
    await given(connected);
    await stores.history.save((await ledger.find(id))!);
    const kept = stores.history;
    start();
    stores = { ...stores, history: kept };
    ledger = new CallLedger(stores.stream, stores.history);
    control.standing.set('c-1', { phase: 'over' });
    await rounds(120);
    assert.deepEqual(await end(), ['ended', 'caller-hung-up', 'END_NOT_TOLD']);
    assert.equal((await kept.find(id))?.phase, 'ended');
  });
});

describe('a call that goes on', () => {
  it('and should be over is hung up, round after round, until the carrier takes it', async () => {
    await given([...connected, { type: 'hang-up-requested', by: 'operator', reason: 'operator-hung-up' }]);
    const later = new AppError('CARRIER_UNAVAILABLE', 'later');
    control.fail('hangUp', later, later);
    control.fail('look', later);
    await rounds(120);
    assert.deepEqual(control.hungUp, ['c-1', 'c-1', 'c-1']);
    control.standing.set('c-1', { phase: 'over' });
    await rounds(30);
    assert.deepEqual(await end(), ['ended', 'operator-hung-up', 'END_NOT_TOLD']);
  });

  it('and that nobody serves is resumed within two minutes, and hung up when no bridge keeps it', async () => {
    await given(connected);
    control.standing.set('c-1', { phase: 'connected', hasMedia: false });
    await rounds(90);
    assert.deepEqual(control.restarted, ['c-1', 'c-1']);
    await rounds(60);
    assert.deepEqual([control.restarted.length, control.hungUp], [3, ['c-1']]);
    assert.equal((await ledger.find(id))?.askedToEnd, 'media-lost');
  });

  it('and that a bridge serves is left alone, and its carrier too', async () => {
    await given(connected);
    const renewing = setInterval(() => void seizeHold(stores.leases, id, 'bridge-1'), 5_000);
    await seizeHold(stores.leases, id, 'bridge-1');
    await rounds(600);
    assert.deepEqual([control.looks, control.restarted], [[], []]);
    clearInterval(renewing);
    await rounds(30);
    assert.deepEqual(control.looks, ['c-1']);
  });
});

describe('a call of which no word came', () => {
  it('is closed in doubt when it was dialled', async () => {
    await given([], id, 'outbound');
    await rounds(150);
    assert.deepEqual(await end(), ['ended', 'carrier-error', 'CARRIER_UNCERTAIN']);
    assert.deepEqual(control.looks, []);
  });

  it('is closed as not answered when it came in', async () => {
    await given([]);
    await rounds(90);
    assert.deepEqual(await end(), ['ended', 'no-answer', 'END_NOT_TOLD']);
  });
});

describe('a round', () => {
  it('is made by one process at a time', async () => {
    await given([...connected, { type: 'hang-up-requested', by: 'agent', reason: 'agent-hung-up' }]);
    await sleep(60_000);
    const gate = Promise.withResolvers<void>();
    control.look = async (carrierCallId) => {
      control.looks.push(carrierCallId);
      await gate.promise;
      return { phase: 'over' };
    };
    const first = createReconciler().run();
    await sleep(1);
    await Promise.all([createReconciler().run(), createReconciler().run()]);
    gate.resolve();
    await first;
    assert.deepEqual(control.looks, ['c-1']);
    assert.equal((await end())[0], 'ended');
  });

  it('is not held up by one call that cannot be reconciled', async () => {
    const callIds = Array.from({ length: 30 }, (_, i) => `call-${i}` as CallId);
    for (const [i, callId] of callIds.entries())
      await given([{ type: 'carrier-accepted', carrierCallId: `c-${i}` }], callId);
    control.look = async (carrierCallId) => {
      if (carrierCallId === 'c-3') throw new Error('an error of our own');
      return { phase: 'over' };
    };
    await rounds(60);
    const phases = await Promise.all(callIds.map(async (callId) => (await end(callId))[0]));
    assert.deepEqual(
      phases.map((phase, i) => [phase, i]).filter(([phase]) => phase !== 'ended'),
      [['ringing', 3]],
    );
  });

  it('never rejects, whatever store is away, and goes by the stream alone without the history', async () => {
    await given(connected);
    control.standing.set('c-1', { phase: 'over' });
    await sleep(60_000);
    const { acquire } = stores.leases;
    const away = () => Promise.reject(new AppError('STORE_UNAVAILABLE', 'told to fail'));
    Object.assign(stores.leases, { acquire: away });
    await createReconciler().run();
    assert.equal((await end())[0], 'active');
    Object.assign(stores.leases, { acquire });
    Object.assign(stores.history, { listUnended: away, find: away });
    await rounds(60);
    assert.equal((await end())[0], 'ended');
  });
});
