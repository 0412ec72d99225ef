// What every count of dialled orders does, as tests to register against one of them.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it, type TestContext } from 'node:test';
import type { DialCap, DialCounts, DialOrder } from './dial-counts.ts';

/** Long enough for no test to reach it. */
const longMs = 60_000;
/** Short enough to wait for where a store goes by a clock of its own, and long enough for a few requests. */
const shortMs = 150;

interface Opened {
  readonly counts: DialCounts;
  /** A second process's view; the same object where a store belongs to one process. */
  readonly another: DialCounts;
  /** Lets so much time pass for the store. */
  pass(ms: number): Promise<void>;
}

const newCap = (limit: number, windowMs = longMs): DialCap => ({ name: randomUUID(), limit, windowMs });
const newOrder = (caps: readonly DialCap[], fields: Partial<DialOrder> = {}): DialOrder => ({
  id: randomUUID(),
  target: 'somebody',
  token: randomUUID(),
  caps,
  ...fields,
});
const again = (order: DialOrder): DialOrder => ({ ...order, token: randomUUID() });

const first = { type: 'claimed', isFirst: true };
const over = ({ name }: DialCap) => ({ type: 'over-cap', cap: name });

export function testDialCounts(open: (context: TestContext) => Opened) {
  it('lets exactly as many orders through as the cap allows, however many come at once', async (t) => {
    const { counts, another } = open(t);
    const cap = newCap(2);
    const claims = await Promise.all(
      Array.from({ length: 100 }, (_, i) => (i % 2 ? counts : another).claim(newOrder([cap]), longMs)),
    );
    assert.equal(claims.filter(({ type }) => type === 'claimed').length, 2);
    assert.equal(claims.filter(({ type }) => type === 'over-cap').length, 98);
  });

  it('gives one order to one try, however many come at once', async (t) => {
    const { counts, another } = open(t);
    const order = newOrder([newCap(100)]);
    const claims = await Promise.all(
      Array.from({ length: 30 }, (_, i) => (i % 2 ? counts : another).claim(again(order), longMs)),
    );
    const taken = claims.filter((claim) => claim.type === 'taken');
    assert.equal(claims.filter(({ type }) => type === 'claimed').length, 1);
    assert.deepEqual(new Set(taken.map(({ isDialled }) => isDialled)), new Set([false]));
    assert.equal(taken.length, 29);
    assert.deepEqual(await counts.holders(order.caps[0]!.name), [order.id]);
  });

  it('counts in all caps or in none, and says which one is reached', async (t) => {
    const { counts } = open(t);
    const [wide, narrow] = [newCap(5), newCap(1)];
    assert.deepEqual(await counts.claim(newOrder([wide, narrow]), longMs), first);
    assert.deepEqual(await counts.claim(newOrder([wide, narrow]), longMs), over(narrow));
    assert.equal((await counts.holders(wide.name)).length, 1);
  });

  it('leaves an order that was refused to be claimed later', async (t) => {
    const { counts } = open(t);
    const cap = newCap(1);
    const [one, two] = [newOrder([cap]), newOrder([cap])];
    await counts.claim(one, longMs);
    assert.deepEqual(await counts.claim(two, longMs), over(cap));
    await counts.giveBack(one);
    assert.deepEqual(await counts.claim(two, longMs), first);
  });

  it('does not give an order to whoever wants another target', async (t) => {
    const { counts, another } = open(t);
    const order = newOrder([newCap(9)]);
    const both = [order, { ...again(order), target: 'somebody else' }];
    const claims = await Promise.all([counts.claim(both[0]!, longMs), another.claim(both[1]!, longMs)]);
    assert.deepEqual(claims.map(({ type }) => type).sort(), ['claimed', 'other-target']);
    const winner = both[claims.findIndex(({ type }) => type === 'claimed')]!;
    const loser = both[claims.findIndex(({ type }) => type === 'other-target')]!;
    await counts.confirm(winner);
    assert.deepEqual(await counts.claim(again(loser), longMs), { type: 'other-target' });
    await counts.giveBack(winner);
    assert.deepEqual(await counts.claim(again(loser), longMs), { type: 'other-target' });
  });

  it('keeps an order that was dialled from every other try', async (t) => {
    const { counts, another } = open(t);
    const order = newOrder([newCap(1)]);
    await counts.claim(order, longMs);
    assert.equal(await counts.confirm(order), true);
    assert.equal(await counts.confirm(order), false, 'twice');
    assert.deepEqual(await another.claim(again(order), longMs), { type: 'taken', isDialled: true });
    assert.equal(await another.confirm(again(order)), false, 'by another try');
  });

  it('gives back what was not used, and the order with it', async (t) => {
    const { counts, another } = open(t);
    const caps = [newCap(1), newCap(1)];
    const order = newOrder(caps);
    await counts.claim(order, longMs);
    await counts.confirm(order);
    await another.giveBack(again(order));
    assert.deepEqual(await counts.claim(newOrder(caps), longMs), over(caps[0]!), 'another try gave it back');
    await another.giveBack(order);
    assert.equal(await counts.confirm(order), false, 'after it was given back');
    const next = again(order);
    assert.deepEqual(await counts.claim(next, longMs), { type: 'claimed', isFirst: false });
    assert.equal(await counts.confirm(next), true);
    await counts.giveBack(newOrder(caps));
    assert.deepEqual(await counts.holders(caps[1]!.name), [order.id]);
  });

  it('forgets a claim that its process left behind, and gives the order to the next try', async (t) => {
    const { counts, another, pass } = open(t);
    const cap = newCap(1);
    const left = newOrder([cap]);
    await counts.claim(left, shortMs);
    await pass(2 * shortMs);
    const next = again(left);
    assert.deepEqual(await another.claim(next, longMs), { type: 'claimed', isFirst: false });
    assert.equal(await counts.confirm(left), false, 'the first try dials after all');
    await counts.giveBack(left);
    assert.deepEqual(await counts.holders(cap.name), [left.id]);
    assert.equal(await another.confirm(next), true);
  });

  it('does not confirm a claim that came too late, though nobody else has it', async (t) => {
    const { counts, pass } = open(t);
    const cap = newCap(1);
    const late = newOrder([cap]);
    await counts.claim(late, shortMs);
    await pass(2 * shortMs);
    assert.deepEqual(await counts.claim(newOrder([cap]), longMs), first);
    assert.equal(await counts.confirm(late), false);
  });

  it('counts what was dialled for the window of each cap', async (t) => {
    const { counts, pass } = open(t);
    const [short, long] = [newCap(1, shortMs), newCap(1)];
    const order = newOrder([short, long]);
    await counts.claim(order, longMs);
    await counts.confirm(order);
    assert.deepEqual(await counts.claim(newOrder([short]), longMs), over(short));
    await pass(2 * shortMs);
    assert.deepEqual(await counts.claim(newOrder([short, long]), longMs), over(long));
    assert.deepEqual(await counts.claim(newOrder([short]), longMs), first);
  });

  it('counts for longer what is held, and no longer what is released', async (t) => {
    const { counts, another, pass } = open(t);
    const cap = newCap(1, shortMs);
    const order = newOrder([cap]);
    await counts.claim(order, longMs);
    await counts.confirm(order);
    await another.hold(cap.name, order.id, longMs);
    await counts.hold(cap.name, order.id, shortMs);
    await pass(2 * shortMs);
    assert.deepEqual(await counts.claim(newOrder([cap]), longMs), over(cap));
    await another.release(cap.name, order.id);
    await another.release(cap.name, order.id);
    assert.deepEqual(await counts.holders(cap.name), []);
    await counts.hold(cap.name, 'unknown', shortMs);
    assert.deepEqual(await counts.holders(cap.name), ['unknown']);
    await pass(2 * shortMs);
    assert.deepEqual(await counts.holders(cap.name), []);
  });
}
