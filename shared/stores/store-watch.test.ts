// A service that hangs, fails and comes back, as those who use it see it.
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { it, mock, type TestContext } from 'node:test';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { StoreWatch } from './store-watch.ts';

const away = () => Promise.reject(new AppError('STORE_UNAVAILABLE', 'it is away'));
const never = () => new Promise<never>(() => {});
const settled = () => new Promise((resolve) => setImmediate(resolve));

function setUp(t: TestContext, { isProbeAWrite = true } = {}) {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  t.after(() => mock.timers.reset());
  const lines: string[] = [];
  const write = (_fields: unknown, message: string) => void lines.push(message);
  const log = { error: write, info: write } as unknown as Logger;
  const service = { probes: 0, probe: async (): Promise<void> => {} };
  const probe = () => {
    service.probes++;
    return service.probe();
  };
  return { service, lines, watch: new StoreWatch({ name: 'Redis', limitMs: 400, probe, isProbeAWrite, log }) };
}

it('ends a wait after its limit, and all later ones at once until the service answers again', async (t) => {
  const { watch, service } = setUp(t);
  service.probe = never;
  const first = assert.rejects(watch.run('read', never), { message: 'Redis is unavailable: no answer within 400 ms' });
  mock.timers.tick(400);
  await first;
  let asked = 0;
  const ask = () => watch.run('read', async () => ++asked);
  await assert.rejects(ask(), { code: 'STORE_UNAVAILABLE' });
  assert.equal(asked, 0, 'a service that hangs is asked for more');

  mock.timers.tick(250);
  await settled();
  assert.equal(service.probes, 1);
  mock.timers.tick(400);
  await settled();
  await assert.rejects(ask());
  service.probe = async () => {};
  mock.timers.tick(250);
  await settled();
  assert.equal(await ask(), 1);
});

it('is still waited for by nobody where what was asked before is answered late', async (t) => {
  const { watch, service } = setUp(t);
  service.probe = never;
  const hanging = watch.run('read', never).catch(() => {});
  mock.timers.tick(100);
  const late = Promise.withResolvers<string>();
  const answered = watch.run('read', () => late.promise);
  mock.timers.tick(300);
  await hanging;
  late.resolve('here');
  assert.equal(await answered, 'here');
  await assert.rejects(
    watch.run('read', async () => 'here'),
    { code: 'STORE_UNAVAILABLE' },
  );
});

it('does not take the time in which this process itself was held up for the time of the service', async () => {
  const log = { error() {}, info() {} } as unknown as Logger;
  const watch = new StoreWatch({ name: 'Redis', limitMs: 20, probe: async () => {}, isProbeAWrite: true, log });
  const answered = watch.run('read', () => stat(import.meta.filename));
  for (const sinceMs = performance.now(); performance.now() - sinceMs < 60; );
  assert.ok((await answered).isFile());
  assert.equal(await watch.run('read', async () => 'here'), 'here');
  watch.close();
});

it('asks a service again that answers with a failure: that costs nobody time', async (t) => {
  const { watch } = setUp(t);
  await assert.rejects(watch.run('read', away), { message: 'it is away' });
  assert.equal(await watch.run('read', async () => 'here'), 'here');
});

it('writes one line for a loss and one for the return', async (t) => {
  const { watch, lines } = setUp(t, { isProbeAWrite: false });
  for (let i = 0; i < 3; i++) await assert.rejects(watch.run('write', away));
  await watch.run('read', async () => {});
  assert.deepEqual(lines, ['a store is unavailable'], 'it is not back while it takes nothing');
  await watch.run('write', async () => {});
  await watch.run('write', async () => {});
  assert.deepEqual(lines, ['a store is unavailable', 'a store is back']);
});

it('takes a full service for back when it takes the probe, not as soon as it lets a key lapse', async (t) => {
  const { watch, service, lines } = setUp(t);
  service.probe = away;
  for (let second = 0; second < 5; second++) {
    await assert.rejects(watch.run('write', away));
    await watch.run('write', async () => 'a lease was renewed');
    mock.timers.tick(1_000);
    await settled();
  }
  assert.deepEqual(lines, ['a store is unavailable']);
  assert.equal(service.probes, 5, 'it is asked in vain as often as it took something');

  service.probe = async () => {};
  await watch.run('write', async () => {});
  mock.timers.tick(250);
  await settled();
  assert.deepEqual(lines, ['a store is unavailable', 'a store is back']);
});

it('leaves errors alone that say nothing of the service', async (t) => {
  const { watch, lines } = setUp(t);
  const refuse = () => Promise.reject(new AppError('BAD_REQUEST', 'next is not what a former page gave'));
  await assert.rejects(watch.run('read', refuse), { code: 'BAD_REQUEST' });
  assert.deepEqual(lines, []);
});

it('holds a failed write against a service that passes the probe, until a write succeeds or a minute is over', async (t) => {
  const { watch } = setUp(t, { isProbeAWrite: false });
  await assert.rejects(watch.run('write', away));
  await watch.run('read', async () => {});
  await assert.rejects(watch.check(), { message: 'it is away' });
  await watch.run('write', async () => {});
  await watch.check();
  await assert.rejects(watch.run('write', away));
  mock.timers.tick(59_999);
  await assert.rejects(watch.check());
  mock.timers.tick(1);
  await watch.check();
});

it('forgets a failed write when the probe is a write itself', async (t) => {
  const { watch } = setUp(t);
  await assert.rejects(watch.run('write', away));
  await watch.check();
});

it('probes no more once it is closed', async (t) => {
  const { watch, service } = setUp(t);
  const hanging = assert.rejects(watch.run('read', never));
  mock.timers.tick(400);
  await hanging;
  watch.close();
  mock.timers.tick(10_000);
  await settled();
  assert.equal(service.probes, 0);
});
