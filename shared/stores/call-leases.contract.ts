// What every store of leases does, as tests to register against one of them.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it, type TestContext } from 'node:test';
import type { CallLeases } from './call-leases.ts';

/** Long enough for no test to reach it. */
const longMs = 60_000;

interface Opened {
  readonly leases: CallLeases;
  /** A second process's view; the same object where a store belongs to one process. */
  readonly another: CallLeases;
  /** Lets so much time pass for the store. */
  pass(ms: number): Promise<void>;
}

export function testCallLeases(open: (context: TestContext) => Opened) {
  it('gives a name to one owner at a time', async (t) => {
    const { leases, another } = open(t);
    const name = randomUUID();
    const given = await Promise.all([leases.acquire(name, 'a', longMs), another.acquire(name, 'b', longMs)]);
    const [winner] = given.filter((lease) => lease !== undefined);
    assert.equal(given.filter((lease) => lease !== undefined).length, 1);
    assert.deepEqual(await another.find(name), winner);
  });

  it('gives a name anew to the owner that holds it, with the same fence', async (t) => {
    const { leases } = open(t);
    const name = randomUUID();
    const first = await leases.acquire(name, 'a:b c', longMs);
    assert.deepEqual(await leases.acquire(name, 'a:b c', longMs), first);
    assert.equal(first?.owner, 'a:b c');
  });

  it('gives each new holder a higher fence', async (t) => {
    const { leases, another } = open(t);
    const name = randomUUID();
    const fences: number[] = [];
    for (const owner of ['a', 'b', 'a']) {
      const lease = await (owner === 'a' ? leases : another).acquire(name, owner, longMs);
      fences.push(lease!.fence);
      await leases.release(lease!);
    }
    assert.ok(fences[0]! < fences[1]! && fences[1]! < fences[2]!, String(fences));
  });

  it('is seized by whoever has a better right to it: the holder has lost it, and its fence is lower', async (t) => {
    const { leases, another } = open(t);
    const name = randomUUID();
    const held = await leases.acquire(name, 'a', longMs);
    const seized = await another.seize(name, 'b', longMs);
    assert.ok(seized.fence > held!.fence, `${held!.fence} ${seized.fence}`);
    assert.deepEqual(await leases.find(name), seized);
    assert.equal(await leases.renew(held!, longMs), false);
    assert.equal(await leases.acquire(name, 'a', longMs), undefined);
    assert.deepEqual(await another.seize(name, 'b', longMs), seized);
    await leases.release(held!);
    assert.deepEqual(await leases.find(name), seized);
    const free = randomUUID();
    assert.deepEqual(await leases.find(free), undefined);
    assert.equal((await leases.seize(free, 'a', longMs)).owner, 'a');
  });

  it('loses a lease that is not renewed in time', async (t) => {
    const { leases, another, pass } = open(t);
    const name = randomUUID();
    const lost = await leases.acquire(name, 'a', 30);
    await pass(60);
    assert.equal(await leases.find(name), undefined);
    assert.equal(await leases.renew(lost!, longMs), false);
    const taken = await another.acquire(name, 'b', longMs);
    assert.ok(taken!.fence > lost!.fence);
    assert.equal(await leases.renew(lost!, longMs), false);
    await leases.release(lost!);
    assert.deepEqual(await leases.find(name), taken);
  });

  it('keeps a renewed lease', async (t) => {
    const { leases, pass } = open(t);
    const { name, lease } = await inTime(async (name) => {
      const lease = await leases.acquire(name, 'a', 40);
      return (await leases.renew(lease!, longMs)) && { name, lease };
    });
    await pass(80);
    assert.deepEqual(await leases.find(name), lease);
  });

  it('does not renew what the same owner lost and got again', async (t) => {
    const { leases } = open(t);
    const name = randomUUID();
    const old = await leases.acquire(name, 'a', longMs);
    await leases.release(old!);
    await leases.acquire(name, 'a', longMs);
    assert.equal(await leases.renew(old!, longMs), false);
  });

  it('frees a released name, and releases twice without harm', async (t) => {
    const { leases, another } = open(t);
    const name = randomUUID();
    const lease = await leases.acquire(name, 'a', longMs);
    await leases.release(lease!);
    await leases.release(lease!);
    assert.equal(await leases.find(name), undefined);
    assert.equal((await another.acquire(name, 'b', longMs))?.owner, 'b');
  });

  it('counts uses of a name from all processes within its window', async (t) => {
    const { leases, another } = open(t);
    const name = randomUUID();
    const counts = await Promise.all([
      leases.count(name, longMs),
      another.count(name, longMs),
      leases.count(name, longMs),
    ]);
    assert.deepEqual(counts.sort(), [1, 2, 3]);
    assert.equal(await leases.count(randomUUID(), longMs), 1);
  });

  it('counts from one again after the window of the first use', async (t) => {
    const { leases, pass } = open(t);
    const { name } = await inTime(async (name) => {
      await leases.count(name, 40);
      return (await leases.count(name, longMs)) === 2 && { name };
    });
    await pass(80);
    assert.equal(await leases.count(name, 40), 1);
  });

  it('answers a ping', async (t) => {
    await open(t).leases.ping();
  });
}

/** A busy machine may take longer between two requests than they are to be apart: then they are made anew, for another name. */
async function inTime<T>(attempt: (name: string) => Promise<T | false>): Promise<T> {
  for (let tries = 0; tries < 20; tries++) {
    const done = await attempt(randomUUID());
    if (done) return done;
  }
  throw new Error('twenty attempts took too long');
}
