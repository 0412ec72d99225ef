// Orders for calls that come at once, come again, and come while a store fails: how many phones ring, and what is told of it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, it, type TestContext } from 'node:test';
import { errorSchema, placedCallSchema } from '../../shared/api.ts';
import type { CallId } from '../../shared/call/call.ts';
import { AppError } from '../../shared/errors.ts';
import { createMemoryStores } from '../../shared/stores/memory-stores.ts';
import { patientMs } from '../../shared/stores/testing/patience.ts';
import { openAdmin, openRedisStores } from '../../shared/stores/testing/redis-lab.ts';
import { startRedisServer } from '../../simulator/redis-server.ts';
import { startTestApp, type TestApp, type TestAppOptions } from '../testing/test-app.ts';

const manySettings = { DIAL_MAX_PER_NUMBER_PER_DAY: '100', DIAL_MAX_PER_HOUR: '1000', DIAL_MAX_PARALLEL: '100' };

const noon = Date.parse('2026-11-20T12:00:00Z');

async function start(t: TestContext, options: TestAppOptions): Promise<TestApp> {
  const app = await startTestApp(options);
  t.after(() => app.stop());
  return app;
}

async function place(app: TestApp, body: object) {
  const response = await app.post('/api/call', body);
  const answer: unknown = await response.json();
  return response.ok
    ? { status: response.status, call: placedCallSchema.parse(answer) }
    : { status: response.status, error: errorSchema.parse(answer).error };
}

const countOf = (answers: readonly { status: number }[], status: number) =>
  answers.filter((answer) => answer.status === status).length;

const redis = await startRedisServer();
after(() => redis?.stop());

const kinds: readonly [name: string, skip: string | false, open: (t: TestContext) => Promise<TestAppOptions>][] = [
  ['in memory', false, async () => ({ stores: createMemoryStores() })],
  [
    'in Redis',
    redis ? false : 'redis-server is not installed',
    async (t) => {
      await (await openAdmin(t, redis!.url)).flushAll();
      return { stores: { ...createMemoryStores(), ...openRedisStores(t, redis!.url, { limitMs: patientMs }) } };
    },
  ],
];

for (const [name, skip, open] of kinds) {
  describe(`orders, counted ${name}`, { skip, timeout: 60_000 }, () => {
    it('dial two of a hundred that come at once when two may go on at once, and count the others nowhere', async (t) => {
      const app = await start(t, { ...(await open(t)), settings: { ...manySettings, DIAL_MAX_PARALLEL: '2' } });
      const orders = Array.from({ length: 100 }, (_, i) =>
        place(app, { to: `+1555${String(i + 200).padStart(4, '0')}` }),
      );
      const answers = await Promise.all(orders);
      assert.deepEqual([countOf(answers, 201), countOf(answers, 429)], [2, 98]);
      assert.equal(app.control.dialled.length, 2);
      assert.equal((await app.stores.dialCounts.holders('hour')).length, 2);
      for (const { callId } of app.control.dialled)
        await app.ledger.record(callId, { type: 'call-ended', reason: 'no-answer' });
      const next = await Promise.all([5, 6, 7, 8, 9].map((n) => place(app, { to: `+155500${n}0` })));
      assert.deepEqual([countOf(next, 201), countOf(next, 429)], [2, 3]);
    });

    it('dial once for thirty with one key, and tell all of them the same call', async (t) => {
      const settings = { DIAL_MAX_PER_NUMBER_PER_DAY: '2', DIAL_MAX_PER_HOUR: '2', DIAL_MAX_PARALLEL: '2' };
      const app = await start(t, { ...(await open(t)), settings });
      const order = { to: '+15550142', idempotency_key: randomUUID() };
      const answers = await Promise.all(Array.from({ length: 30 }, () => place(app, order)));
      assert.deepEqual([countOf(answers, 201), countOf(answers, 200)], [1, 29]);
      assert.equal(new Set(answers.map(({ call }) => call?.call_id)).size, 1);
      assert.equal(app.control.dialled.length, 1);
      assert.equal((await place(app, { to: '+15550142' })).status, 201, 'the repeats have used up a cap');
    });

    it('never say 200 for a number that was not dialled', async (t) => {
      const app = await start(t, { ...(await open(t)), settings: manySettings });
      const key = randomUUID();
      const numbers = ['+15550142', '+15550143'] as const;
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) => place(app, { to: numbers[i % 2]!, idempotency_key: key })),
      );
      const [dialled] = app.control.dialled;
      assert.equal(app.control.dialled.length, 1);
      for (const [i, { status, call, error }] of answers.entries()) {
        if (numbers[i % 2] === dialled?.to) assert.equal(call?.number, numbers[i % 2]);
        else {
          assert.deepEqual([status, error?.code], [400, 'BAD_REQUEST']);
          assert.match(error!.message, /idempotency_key/);
        }
      }
    });

    it('count nothing of what a carrier refuses, and what it may have dialled', async (t) => {
      const settings = { DIAL_MAX_PER_NUMBER_PER_DAY: '1', DIAL_MAX_PER_HOUR: '1', DIAL_MAX_PARALLEL: '1' };
      const app = await start(t, { ...(await open(t)), settings });
      for (const code of ['CARRIER_REFUSED', 'CARRIER_UNAVAILABLE', 'BAD_NUMBER', 'CARRIER_UNCERTAIN'] as const) {
        app.control.fail('dial', new AppError(code, 'no'));
        assert.equal((await place(app, { to: '+15550142' })).error?.code, code);
      }
      assert.equal((await place(app, { to: '+15550142' })).error?.code, 'DIAL_CAP_REACHED');
    });

    it('do not count calls that come in', async (t) => {
      const app = await start(t, { ...(await open(t)), settings: { ...manySettings, DIAL_MAX_PARALLEL: '2' } });
      const one = await place(app, { to: '+15550142' });
      const created = { carrier: 'acs', remoteParty: '+15550150', ourNumber: '+15550100', agent: 'a' } as const;
      for (let i = 0; i < 210; i++)
        await app.ledger.record(`in-${i}` as CallId, { type: 'call-created', direction: 'inbound', ...created });
      const two = await place(app, { to: '+15550143' });
      const three = await place(app, { to: '+15550144' });
      assert.deepEqual([one.status, two.status, three.status], [201, 201, 429]);
    });

    it('may be dialled when they are given again, if the first try was written down and not dialled', async (t) => {
      const app = await start(t, { ...(await open(t)), settings: { ...manySettings, DIAL_MAX_PER_HOUR: '1' } });
      const order = { to: '+15550142', idempotency_key: randomUUID(), model: 'cascade' };
      const { dialCounts } = app.stores;
      const confirm = dialCounts.confirm.bind(dialCounts);
      dialCounts.confirm = () => Promise.reject(new AppError('STORE_UNAVAILABLE', 'told to fail'));
      assert.equal((await place(app, order)).error?.code, 'STORE_UNAVAILABLE');
      assert.equal(app.control.dialled.length, 0);
      dialCounts.confirm = confirm;
      const { status, call } = await place(app, { ...order, model: undefined });
      assert.equal(status, 201);
      assert.deepEqual(
        app.control.dialled.map(({ callId }) => callId),
        [call?.call_id],
      );
      assert.deepEqual(await app.facts(call!.call_id), ['call-created', 'carrier-accepted', 'operator-acted']);
      assert.equal((await app.find(call!.call_id))?.model, 'cascade', 'it is dialled as it was written down');
    });

    it('tell how the call stands when they are given again', async (t) => {
      const app = await start(t, { ...(await open(t)), settings: manySettings });
      const order = { to: '+15550142', idempotency_key: randomUUID() };
      const { call } = await place(app, order);
      const callId = call!.call_id as CallId;
      const statuses = [(await place(app, order)).call?.status];
      await app.ledger.record(callId, { type: 'call-connected' });
      statuses.push((await place(app, order)).call?.status);
      await app.ledger.record(callId, { type: 'call-ended', reason: 'caller-hung-up' });
      statuses.push((await place(app, order)).call?.status);
      assert.deepEqual(statuses, ['dialling', 'active', 'ended']);
      assert.equal(app.control.dialled.length, 1);
    });
  });
}

describe('an order', () => {
  it('is not dialled twice while its first try may still dial, and is dialled when that one has died', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: noon });
    const stores = createMemoryStores();
    const app = await start(t, { stores });
    const order = { to: '+15550142', idempotency_key: 'k' };
    const { dialCounts } = stores;
    const { confirm, giveBack } = dialCounts;
    const fail = () => Promise.reject(new AppError('STORE_UNAVAILABLE', 'told to fail'));
    Object.assign(dialCounts, { confirm: fail, giveBack: fail });
    assert.equal((await place(app, order)).status, 503);
    Object.assign(dialCounts, { confirm, giveBack });
    const early = await place(app, order);
    assert.deepEqual(
      [early.status, early.call?.message],
      [200, 'an earlier request with this key is about to have it dialled'],
    );
    assert.equal(app.control.dialled.length, 0);
    t.mock.timers.tick(11_000);
    const late = await place(app, order);
    assert.deepEqual([late.status, late.call?.call_id], [201, early.call?.call_id]);
    assert.equal(app.control.dialled.length, 1);
  });

  it('whose process died while it dialled is not dialled again, and not called well for ever', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: noon });
    const stores = createMemoryStores();
    const app = await start(t, { stores });
    const gate = Promise.withResolvers<void>();
    app.control.hold(gate.promise);
    const order = { to: '+15550142', idempotency_key: 'k' };
    const first = place(app, order);
    await app.control.firstDial;
    t.mock.timers.tick(60_000);
    const second = await place(app, order);
    assert.deepEqual(
      [second.status, second.call?.message],
      [200, 'an earlier request with this key has asked the carrier to dial'],
    );
    t.mock.timers.tick(300_000);
    assert.equal((await place(app, order)).error?.code, 'CARRIER_UNCERTAIN');
    assert.equal(app.control.dialled.length, 1);
    gate.resolve();
    assert.equal((await first).status, 201);
  });

  it('is not dialled again where only the counts were lost', async (t) => {
    const stores = createMemoryStores();
    const app = await start(t, { stores, settings: { DIAL_MAX_PER_HOUR: '1' } });
    const gate = Promise.withResolvers<void>();
    app.control.hold(gate.promise);
    const order = { to: '+15550142', idempotency_key: 'k' };
    const first = place(app, order);
    await app.control.firstDial;
    const fresh = createMemoryStores().dialCounts;
    for (const method of ['claim', 'confirm', 'giveBack', 'holders', 'hold', 'release'] as const)
      Object.assign(stores.dialCounts, { [method]: fresh[method].bind(fresh) });
    assert.equal((await place(app, order)).status, 200);
    assert.equal(app.control.dialled.length, 1);
    gate.resolve();
    await first;
  });

  it('is refused, with nothing dialled or counted, while the counts or the stream cannot be written', async (t) => {
    const stores = createMemoryStores();
    const app = await start(t, { stores, settings: { DIAL_MAX_PER_HOUR: '1' } });
    const append = stores.stream.append.bind(stores.stream);
    stores.stream.append = () => Promise.reject(new AppError('STORE_UNAVAILABLE', 'told to fail'));
    assert.equal((await place(app, { to: '+15550142' })).status, 503);
    stores.stream.append = append;
    const { claim } = stores.dialCounts;
    stores.dialCounts.claim = () => Promise.reject(new AppError('STORE_UNAVAILABLE', 'told to fail'));
    assert.equal((await place(app, { to: '+15550142' })).status, 503);
    stores.dialCounts.claim = claim;
    assert.equal(app.control.dialled.length, 0);
    assert.equal((await place(app, { to: '+15550142' })).status, 201);
  });
});
