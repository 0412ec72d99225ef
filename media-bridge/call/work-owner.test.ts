// Tests of whose fault an error is.
import assert from 'node:assert/strict';
import { AsyncResource } from 'node:async_hooks';
import { describe, it, type TestContext } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { silentLogger } from '../../shared/logger.ts';
import { watchStrayErrors } from './testing/stray-errors.ts';
import { closeAll, failOwner, workFor, workOf } from './work-owner.ts';

function setUp(t: TestContext) {
  const strays = watchStrayErrors(t);
  const failures: string[] = [];
  const owner = (name: string) => ({ fail: (error: unknown) => failures.push(`${name}: ${(error as Error).message}`) });
  return { strays, failures, ann: owner('ann'), bob: owner('bob') };
}

/** Timers of 1 ms have gone off, and what they left behind was told. */
const aWhile = () => new Promise<void>((resolve) => setTimeout(() => setImmediate(resolve), 5));
const broken = (where: string) => {
  throw new Error(where);
};

describe('work for an owner', () => {
  for (const [where, work] of Object.entries<() => void | Promise<void>>({
    'that throws': () => broken('here'),
    'that rejects': async () => broken('here'),
    'that rejects later': async () => {
      await aWhile();
      broken('here');
    },
    'that leaves a promise behind': () => void (async () => broken('here'))(),
    'that leaves a promise behind which rejects later': () => void aWhile().then(() => broken('here')),
    'that leaves a timer behind': () => void setTimeout(() => broken('here'), 1),
    'that leaves a microtask behind': () => queueMicrotask(() => broken('here')),
    'that leaves an immediate behind': () => void setImmediate(() => broken('here')),
  })) {
    it(`fails that owner and nobody else: ${where}`, async (t) => {
      const { strays, failures, ann, bob } = setUp(t);
      workFor(bob, aWhile);
      workFor(ann, work);
      workFor(bob, aWhile);
      await aWhile();
      await aWhile();
      assert.deepEqual([failures, strays], [['ann: here'], []]);
    });
  }

  it('is done at once, and its owner may be another one inside', async (t) => {
    const { strays, failures, ann, bob } = setUp(t);
    const order: string[] = [];
    workFor(ann, () => {
      order.push('begun');
      workFor(bob, () => broken('inside'));
      order.push('ended');
    });
    order.push('after');
    await aWhile();
    assert.deepEqual([order, failures, strays], [['begun', 'ended', 'after'], ['bob: inside'], []]);
  });
});

it("of events is their owner's, whoever tells of them, and each time anew", async (t) => {
  const { strays, failures, ann, bob } = setUp(t);
  const told: string[] = [];
  const tell = workOf(ann, (event: string) => {
    told.push(event);
    queueMicrotask(() => broken(`after ${event}`));
    broken(event);
  });
  tell('one');
  workFor(bob, () => tell('two'));
  await aWhile();
  assert.deepEqual(told, ['one', 'two']);
  assert.deepEqual(failures.sort(), ['ann: after one', 'ann: after two', 'ann: one', 'ann: two']);
  assert.deepEqual(strays, []);
});

it('keeps no owner who is gone, however long something remembers in whose work it was made', async () => {
  const lend = () => {
    const owner = { fail: () => {} };
    let kept: AsyncResource | undefined;
    workFor(owner, () => void (kept = new AsyncResource('kept')));
    return { kept: kept!, owner: new WeakRef(owner) };
  };
  const { kept, owner } = lend();
  await aWhile();
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  assert.equal(owner.deref(), undefined);
  assert.equal(
    kept.runInAsyncScope(() => failOwner(new Error('late'))),
    true,
  );
});

it('knows of no owner where nobody works for one', () => {
  assert.equal(failOwner(new Error('out of nowhere')), false);
});

it('closes all parts, whatever one of them throws', () => {
  const closed: number[] = [];
  const parts = [1, 2, 3].map((part) => ({ close: () => (part === 2 ? broken('no') : void closed.push(part)) }));
  closeAll(parts, silentLogger);
  assert.deepEqual(closed, [1, 3]);
});
