// What every store of the bridges' loads does, as tests to register against one of them.
import assert from 'node:assert/strict';
import { beforeEach, it } from 'node:test';
import type { CallId } from '../call/call.ts';
import type { BridgeLoad, BridgeLoads } from './bridge-loads.ts';

/** Long enough for no test to reach it. */
const longMs = 60_000;
/** Short enough to wait for where a store goes by a clock of its own. */
const shortMs = 150;

interface Opened {
  readonly loads: BridgeLoads;
  /** A second process's view; the same object where a store belongs to one process. */
  readonly another: BridgeLoads;
  /** Lets so much time pass for the store. */
  pass(ms: number): Promise<void>;
}

const busy: BridgeLoad = { replica: 'busy', calls: 7, freePlaces: 3 };
const idle: BridgeLoad = { replica: 'idle', calls: 0, freePlaces: 10 };
const sorted = (loads: readonly BridgeLoad[]) => [...loads].sort((a, b) => (a.replica < b.replica ? -1 : 1));

/** `open` gives an empty one. */
export function testBridgeLoads(open: () => Promise<Opened>) {
  let opened: Opened;
  beforeEach(async () => {
    opened = await open();
  });

  it('shows to all what each bridge said last', async () => {
    const { loads, another } = opened;
    await loads.report({ ...busy, calls: 1, freePlaces: 9 }, longMs);
    await loads.report(busy, longMs);
    await another.report(idle, longMs);
    assert.deepEqual(sorted(await loads.list()), [busy, idle]);
    assert.deepEqual(sorted(await another.list()), [busy, idle]);
  });

  it('shows which calls a bridge cannot serve, for as long as it says so', async () => {
    const { loads, another } = opened;
    const stranded = ['in-1', 'out-2'] as CallId[];
    await loads.report({ ...busy, stranded }, longMs);
    await another.report(idle, longMs);
    assert.deepEqual(sorted(await another.list()), [{ ...busy, stranded }, idle]);
    await loads.report(busy, longMs);
    assert.deepEqual(sorted(await another.list()), [busy, idle]);
    await loads.report({ ...busy, stranded }, longMs);
    await loads.withdraw('busy');
    await loads.report(busy, longMs);
    assert.deepEqual(sorted(await loads.list()), [busy, idle]);
  });

  it('takes a bridge that says nothing more for dead', async () => {
    const { loads, pass } = opened;
    await loads.report(busy, shortMs);
    await loads.report(idle, longMs);
    await pass(shortMs);
    assert.deepEqual(await loads.list(), [idle]);
  });

  it('lets a bridge go that says it ends', async () => {
    const { loads, another } = opened;
    await loads.report(busy, longMs);
    await another.withdraw('busy');
    await another.withdraw('nobody');
    assert.deepEqual(await loads.list(), []);
  });

  it('remembers the most calls of all bridges together, also when they are over', async () => {
    const { loads, another, pass } = opened;
    assert.equal(await loads.peakCalls(), 0);
    await loads.report(busy, longMs);
    await another.report({ ...idle, calls: 4 }, shortMs);
    assert.equal(await loads.peakCalls(), 11);
    await pass(shortMs);
    await loads.report({ ...busy, calls: 2, freePlaces: 8 }, longMs);
    await loads.withdraw('busy');
    assert.equal(await another.peakCalls(), 11);
  });

  it('counts no call of a bridge that is dead', async () => {
    const { loads, pass } = opened;
    await loads.report({ ...busy, calls: 3 }, shortMs);
    await pass(shortMs);
    await loads.report({ ...idle, calls: 2 }, longMs);
    assert.equal(await loads.peakCalls(), 3);
  });
}
