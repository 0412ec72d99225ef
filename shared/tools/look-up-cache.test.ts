// Look-ups in good times and bad: the source away, the store away, both; many who ask for one thing, and those who leave.
import assert from 'node:assert/strict';
import { beforeEach, describe, it, type TestContext } from 'node:test';
import { silentLogger as log } from '../logger.ts';
import { MemoryLookUps } from '../stores/memory-look-ups.ts';
import { type LookUp, LookUpCache } from './look-up-cache.ts';

const { signal } = new AbortController();
const settled = () => new Promise((resolve) => setImmediate(resolve));
beforeEach((t) => (t as TestContext).mock.timers.enable({ apis: ['Date'], now: 0 }));

/** A source that says what the test wants, and counts who asked. */
function setUp(store = new MemoryLookUps()) {
  const cache = new LookUpCache(store, log);
  const source = { asked: 0, answer: async (_: AbortSignal): Promise<string | undefined> => 'one' };
  const lookUp = (what: string): LookUp<string> => ({
    source: 'test',
    parts: [what],
    freshMs: 1_000,
    absentMs: 100,
    staleMs: 10_000,
    load: (signal) => {
      source.asked += 1;
      return source.answer(signal);
    },
  });
  return { cache, source, store, get: (what = 'x', by = signal) => cache.get(lookUp(what), by) };
}

describe('a look-up', () => {
  it('asks the source once while its answer is good, and again afterwards', async (t) => {
    const { source, get } = setUp();
    assert.deepEqual([await get(), await get(), source.asked], ['one', 'one', 1]);
    t.mock.timers.tick(1_000);
    source.answer = async () => 'two';
    assert.deepEqual([await get(), source.asked], ['two', 2]);
  });

  it('remembers for a shorter time that there is no such thing', async (t) => {
    const { source, get } = setUp();
    source.answer = async () => undefined;
    assert.deepEqual([await get(), await get(), source.asked], [undefined, undefined, 1]);
    t.mock.timers.tick(100);
    await get();
    assert.equal(source.asked, 2);
  });

  it('tells what the source said before while it is away, as long as that is worth something', async (t) => {
    const { source, get } = setUp();
    await get();
    source.answer = () => Promise.reject(new Error('away'));
    t.mock.timers.tick(5_000);
    assert.equal(await get(), 'one');
    t.mock.timers.tick(6_000);
    await assert.rejects(get(), /away/);
  });

  it('keeps no failure', async () => {
    const { source, get } = setUp();
    source.answer = () => Promise.reject(new Error('away'));
    await assert.rejects(get(), /away/);
    source.answer = async () => 'back';
    assert.equal(await get(), 'back');
  });

  it('asks the source while the store is away, broken or hangs', async (t) => {
    const never = new Promise<never>(() => {});
    for (const find of [() => Promise.reject(new Error('away')), async () => '{"half', () => never]) {
      t.mock.timers.reset();
      t.mock.timers.enable({ apis: ['setTimeout'] });
      const store = { find, keep: () => Promise.reject(new Error('away')) } as unknown as MemoryLookUps;
      const { source, get } = setUp(store);
      const got = get();
      await settled();
      t.mock.timers.tick(500);
      assert.deepEqual([await got, source.asked], ['one', 1]);
    }
  });

  it('is made once for all who want the same at the same time', async () => {
    const { source, get } = setUp();
    const { promise, resolve } = Promise.withResolvers<string>();
    source.answer = () => promise;
    const all = [get(), get(), get(), get('another')];
    await settled();
    resolve('for all');
    assert.deepEqual(await Promise.all(all), ['for all', 'for all', 'for all', 'for all']);
    assert.equal(source.asked, 2);
  });

  it('goes on for the others when one of them leaves, and ends with the last', async () => {
    const { source, get } = setUp();
    const { promise, resolve } = Promise.withResolvers<string>();
    let given: AbortSignal | undefined;
    source.answer = (signal) => {
      given = signal;
      return promise;
    };
    const [first, second] = [new AbortController(), new AbortController()];
    const one = get('x', first.signal);
    const two = get('x', second.signal);
    await settled();
    first.abort();
    await assert.rejects(one, { name: 'AbortError' });
    assert.equal(given!.aborted, false);
    second.abort();
    await assert.rejects(two, { name: 'AbortError' });
    assert.equal(given!.aborted, true);
    source.answer = async () => 'anew';
    assert.equal(await get(), 'anew', 'whoever comes now does not get what was given up');
    resolve('late');
    await settled();
    assert.equal(source.asked, 2);
  });

  it('stands under no key that tells what was asked', async () => {
    const { store, get } = setUp();
    const keys: string[] = [];
    const keep = store.keep.bind(store);
    store.keep = (key, ...rest) => {
      keys.push(key);
      return keep(key, ...rest);
    };
    await get('12 Main Street');
    assert.doesNotMatch(keys.join(), /Main/);
  });
});
