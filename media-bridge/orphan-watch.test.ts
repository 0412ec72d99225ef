// Which bridges are taken for dead, and what is done for their calls.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { CallId, Carrier } from '../shared/call/call.ts';
import type { CallFact } from '../shared/call/call-event.ts';
import { AppError } from '../shared/errors.ts';
import { createLogger } from '../shared/logger.ts';
import { CallLedger } from '../shared/stores/call-ledger.ts';
import { createMemoryStores } from '../shared/stores/memory-stores.ts';
import type { NamedCall } from '../shared/telephony/call-control.ts';
import { OrphanWatch } from './orphan-watch.ts';

const created = {
  type: 'call-created',
  carrier: 'acs',
  direction: 'inbound',
  remoteParty: '+15550100',
  ourNumber: '+15550101',
  agent: 'test',
} as const;
const accepted = { type: 'carrier-accepted', carrierCallId: 'c-1' } as const;
const servedBy = (replica: string) => ({ type: 'media-started', replica }) as const;
const settle = () => new Promise((resolve) => setImmediate(resolve));

async function setUp(t: TestContext, facts: readonly CallFact[]) {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout', 'Date'], now: 1_000_000 });
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  const stores = createMemoryStores();
  const ledger = new CallLedger(stores.stream, stores.history);
  for (const [index, fact] of facts.entries()) await ledger.record('call-1' as CallId, fact, { id: String(index) });
  const asked: string[] = [];
  const started: string[] = [];
  const ended: string[] = [];
  const control = {
    replaceMedia: async ({ carrierCallId }: NamedCall) => void asked.push(carrierCallId),
    restartMedia: async ({ carrierCallId }: NamedCall) => void started.push(carrierCallId),
    hangUp: async (id: string) => void ended.push(id),
  };
  const said: string[] = [];
  const log = createLogger({
    level: 'info',
    showPii: false,
    service: 'bridge',
    destination: { write: () => {} },
    onLine: ({ message }) => said.push(message),
  });
  const openingPace = { isBusy: false };
  const options = { ledger, log, openingPace, loads: stores.bridgeLoads, stream: stores.stream, leases: stores.leases };
  const controls = new Map<Carrier, typeof control>([
    ['acs', control],
    ['twilio', control],
  ]);
  const watches = ['b2', 'b3'].map((replica) => new OrphanWatch({ ...options, replica, controls }));
  t.after(() => Promise.all(watches.map((watch) => watch.close())));
  const alive = new Set(['b1', 'b2', 'b3']);
  const stranded: CallId[] = [];
  return {
    openingPace,
    alive,
    stranded,
    ledger,
    asked,
    started,
    said,
    ended,
    control,
    async pass(ms: number) {
      for (let at = 0; at < ms; at += 500) {
        for (const replica of alive) {
          const load = { replica, calls: 0, freePlaces: 9, ...(replica === 'b1' && { stranded }) };
          await stores.bridgeLoads.report(load, 2_000);
        }
        nowMs += 500;
        t.mock.timers.tick(500);
        for (let turns = 0; turns < 4; turns++) await settle();
      }
    },
  };
}

describe('OrphanWatch', () => {
  it('has the carrier bring the calls of a bridge that says nothing for three seconds, once for all who watch', async (t) => {
    const { alive, asked, pass } = await setUp(t, [created, accepted, servedBy('b1')]);
    await pass(10_000);
    alive.delete('b1');
    await pass(2_000);
    assert.deepEqual(asked, []);
    await pass(1_000);
    assert.deepEqual(asked, ['c-1']);
    await pass(3_000);
    assert.deepEqual(asked, ['c-1'], 'the carrier has its time');
  });

  it('has the carrier bring the calls of a bridge that was gone before it began to watch', async (t) => {
    const { alive, asked, pass } = await setUp(t, [created, accepted, servedBy('b1')]);
    alive.delete('b1');
    await pass(1_000);
    assert.deepEqual(asked, []);
    await pass(1_000);
    assert.deepEqual(asked, ['c-1']);
  });

  for (const [name, facts] of Object.entries<readonly CallFact[]>({
    'is with another bridge': [created, accepted, servedBy('b1'), servedBy('b2')],
    'lost its socket in order to be brought elsewhere': [
      created,
      accepted,
      servedBy('b1'),
      { type: 'media-stopped', replica: 'b1', clean: false },
    ],
    'is over': [created, accepted, servedBy('b1'), { type: 'call-ended', reason: 'caller-hung-up' }],
    'is handed over': [created, accepted, servedBy('b1'), { type: 'transfer-started', target: 'desk' }],
  }))
    it(`leaves a call alone that ${name}`, async (t) => {
      const { alive, asked, ended, pass } = await setUp(t, facts);
      await pass(1_000);
      alive.delete('b1');
      await pass(20_000);
      assert.deepEqual([asked, ended], [[], []]);
    });

  for (const whose of ['says nothing any more', 'tells that it cannot reach the carrier'])
    it(`ends a call that is to end, and whose bridge ${whose}`, async (t) => {
      const wanted = { type: 'hang-up-requested', by: 'agent', reason: 'agent-hung-up' } as const;
      const { alive, stranded, asked, started, ended, pass } = await setUp(t, [
        created,
        accepted,
        servedBy('b1'),
        wanted,
      ]);
      await pass(1_000);
      assert.deepEqual(ended, []);
      if (whose === 'says nothing any more') alive.delete('b1');
      else stranded.push('call-1' as CallId);
      await pass(5_000);
      assert.deepEqual([ended, asked, started], [['c-1'], [], []]);
    });

  it('takes nobody for dead whom the store forgot for a moment, nor anybody while it is not seen itself', async (t) => {
    const { alive, asked, pass } = await setUp(t, [created, accepted, servedBy('b1')]);
    await pass(1_000);
    alive.delete('b1');
    await pass(2_000);
    alive.add('b1');
    await pass(1_000);
    for (const replica of [...alive]) alive.delete(replica);
    await pass(20_000);
    assert.deepEqual(asked, []);
  });

  it('has the media started itself where functions are told nothing of the socket that was closed', async (t) => {
    const { alive, asked, started, pass } = await setUp(t, [created, accepted, servedBy('b1')]);
    await pass(1_000);
    alive.delete('b1');
    await pass(3_000);
    assert.deepEqual([asked, started], [['c-1'], []]);
    await pass(1_500);
    assert.deepEqual([asked, started], [['c-1'], ['c-1']]);
  });

  it('takes no line from a bridge that has the call by then and cannot tell the store', async (t) => {
    const { alive, asked, started, pass } = await setUp(t, [created, accepted, servedBy('b1')]);
    await pass(1_000);
    alive.delete('b1');
    await pass(20_000);
    assert.deepEqual(asked, ['c-1']);
    assert.deepEqual(started, ['c-1', 'c-1'], 'a line that is there loses nothing by a start');
  });

  it('leaves the start to a carrier that replaces a socket in one step', async (t) => {
    const { alive, asked, started, pass } = await setUp(t, [
      { ...created, carrier: 'twilio' },
      accepted,
      servedBy('b1'),
    ]);
    await pass(1_000);
    alive.delete('b1');
    await pass(6_000);
    assert.deepEqual([asked, started], [['c-1'], []]);
  });

  it('has the media of a call asked for again that is connected and that no bridge has had, though every bridge lives', async (t) => {
    const { ledger, openingPace, asked, said, pass } = await setUp(t, [created, accepted, { type: 'call-connected' }]);
    await pass(3_000);
    assert.deepEqual(asked, [], 'a socket may be being opened');
    openingPace.isBusy = true;
    await pass(3_000);
    assert.deepEqual(asked, [], 'it may be waiting for its turn here');
    openingPace.isBusy = false;
    await pass(500);
    assert.deepEqual([asked, said.length], [['c-1'], 1]);
    await ledger.record('call-1' as CallId, servedBy('b2'));
    await pass(20_000);
    assert.deepEqual(asked, ['c-1']);
  });

  it('does not cut off the words for a caller who is turned away', async (t) => {
    const turnedAway = { type: 'hang-up-requested', by: 'agent', reason: 'bridge-full' } as const;
    const { asked, ended, pass } = await setUp(t, [created, accepted, { type: 'call-connected' }, turnedAway]);
    await pass(20_000);
    assert.deepEqual([asked, ended], [[], []]);
  });

  it('has the calls brought that a bridge says it cannot serve, until another one has them', async (t) => {
    const stopped = { type: 'media-stopped', replica: 'b1', clean: false } as const;
    const { stranded, ledger, asked, pass } = await setUp(t, [created, accepted, servedBy('b1'), stopped]);
    await pass(2_000);
    assert.deepEqual(asked, []);
    stranded.push('call-1' as CallId);
    await pass(1_000);
    assert.deepEqual(asked, ['c-1']);
    await ledger.record('call-1' as CallId, servedBy('b2'));
    await pass(20_000);
    assert.deepEqual(asked, ['c-1']);
  });

  it('asks again when the carrier could not', async (t) => {
    const { alive, asked, control, pass } = await setUp(t, [created, accepted, servedBy('b1')]);
    await pass(1_000);
    let failures = 0;
    control.replaceMedia = async ({ carrierCallId }) => {
      if (failures++ < 2) throw new AppError('CARRIER_UNAVAILABLE', 'not now');
      asked.push(carrierCallId);
    };
    alive.delete('b1');
    await pass(6_000);
    assert.deepEqual([failures, asked], [3, ['c-1']]);
  });

  it('lets another bridge ask where the one that asked first does not reach the carrier', async (t) => {
    const { alive, asked, control, pass } = await setUp(t, [created, accepted, servedBy('b1')]);
    await pass(1_000);
    let requests = 0;
    control.replaceMedia = async ({ carrierCallId }) => {
      if (requests++ === 0) await new Promise(() => {});
      asked.push(carrierCallId);
    };
    alive.delete('b1');
    await pass(3_000);
    assert.deepEqual([requests, asked], [1, []]);
    await pass(2_500);
    assert.deepEqual([requests, asked], [2, ['c-1']]);
  });

  it('has the calls of a dead bridge brought side by side', async (t) => {
    const { alive, ledger, asked, control, pass } = await setUp(t, []);
    const calls = Array.from({ length: 20 }, (_, index) => `call-${index}` as CallId);
    for (const callId of calls)
      for (const fact of [created, { ...accepted, carrierCallId: `c-${callId}` }, servedBy('b1')])
        await ledger.record(callId, fact);
    await pass(1_000);
    control.replaceMedia = async ({ carrierCallId }) => {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      asked.push(carrierCallId);
    };
    alive.delete('b1');
    await pass(5_000);
    assert.equal(new Set(asked).size, calls.length);
    assert.equal(asked.length, calls.length);
  });

  it('says once in ten seconds that a carrier stays away', async (t) => {
    const { alive, said, control, pass } = await setUp(t, [created, accepted, servedBy('b1')]);
    control.replaceMedia = async () => {
      throw new AppError('CARRIER_UNAVAILABLE', 'not now');
    };
    await pass(1_000);
    alive.delete('b1');
    // It is missed for eleven seconds, and each of the two who watch asks at most twice a second.
    await pass(13_000);
    assert.ok(said.length >= 2 && said.length <= 8, said.join('\n'));
  });
});
