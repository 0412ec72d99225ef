// What every store of look-ups does, as tests to register against one of them.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import type { LookUpStore } from './look-up-store.ts';

interface Opened {
  readonly lookUps: LookUpStore;
  /** A second process's view; the same object where a store belongs to one process. */
  readonly another: LookUpStore;
  /** Lets so much time pass for the store. */
  pass(ms: number): Promise<void>;
}

export function testLookUpStore(open: () => Promise<Opened>) {
  it('gives what was kept last, to every process', async () => {
    const { lookUps, another } = await open();
    const key = randomUUID();
    assert.equal(await another.find(key), undefined);
    await lookUps.keep(key, 'one', 60_000);
    await lookUps.keep(key, 'two: "é"', 60_000);
    assert.equal(await another.find(key), 'two: "é"');
    assert.equal(await another.find(`${key}x`), undefined);
  });

  it('forgets each in its time', async () => {
    const { lookUps, pass } = await open();
    const [short, long] = [randomUUID(), randomUUID()];
    await lookUps.keep(short, 'short', 100);
    await lookUps.keep(long, 'long', 60_000);
    await pass(150);
    assert.deepEqual([await lookUps.find(short), await lookUps.find(long)], [undefined, 'long']);
  });
}
