// Tests of emptying a bridge: when each of its calls is given away, to whom, and what a refusal costs.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { silentLogger } from '../shared/logger.ts';
import type { BridgeLoad } from '../shared/stores/bridge-loads.ts';
import type { CallSession } from './call/call-session.ts';
import { Evacuation } from './evacuation.ts';

const secondMs = 1_000;

function start(t: TestContext, { calls = 1, others = [5] }: { calls?: number; others?: readonly number[] } = {}) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  const loads: BridgeLoad[] = [{ replica: 'this', calls, freePlaces: 0 }];
  const tellRoom = (...freePlaces: readonly number[]) =>
    loads.splice(1, 9, ...freePlaces.map((free, n) => ({ replica: `other-${n}`, calls: 0, freePlaces: free })));
  tellRoom(...others);
  const asked: { atMs: number; call: number }[] = [];
  const sessions = Array.from({ length: calls }, (_, call) => {
    const handOver = {
      isPossible: true,
      isUnnoticed: true,
      isUnderWay: false,
      refusals: 0,
      async begin() {
        asked.push({ atMs: nowMs, call });
        if (handOver.refusals-- > 0) throw new Error('refused');
        handOver.isUnderWay = true;
        handOver.isPossible = false;
      },
    };
    return { handOver };
  });
  const registry = { sessions: sessions as unknown as CallSession[] };
  const evacuation = new Evacuation({
    replica: 'this',
    registry,
    loads: { list: async () => loads },
    log: silentLogger,
  });
  t.after(() => evacuation.close());
  const pass = async (ms: number) => {
    for (const untilMs = nowMs + ms; nowMs < untilMs; ) {
      nowMs += 100;
      t.mock.timers.tick(100);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { asked, sessions, registry, tellRoom, pass, evacuation };
}

describe('a bridge that ends gives its calls', () => {
  it('to another one, once it is not asked for new sockets any more', async (t) => {
    const { asked, pass } = start(t, { calls: 2 });
    await pass(4 * secondMs);
    assert.deepEqual(asked, []);
    await pass(2 * secondMs);
    assert.deepEqual(
      asked.map(({ call }) => call),
      [0, 1],
    );
  });

  it('to nobody while nobody has room, and to whoever comes late', async (t) => {
    const { asked, tellRoom, pass } = start(t, { others: [0] });
    await pass(120 * secondMs);
    assert.deepEqual(asked, []);
    tellRoom(0, 3);
    await pass(7 * secondMs);
    assert.equal(asked.length, 1);
  });

  it('between two turns while there is time, and then however it stands', async (t) => {
    const { asked, sessions, pass } = start(t, { calls: 2 });
    sessions[1]!.handOver.isUnnoticed = false;
    await pass(34 * secondMs);
    assert.deepEqual(
      asked.map(({ call }) => call),
      [0],
    );
    await pass(2 * secondMs);
    assert.deepEqual(
      asked.map(({ call }) => call),
      [0, 1],
    );
  });

  it('not while they end by themselves', async (t) => {
    const { asked, sessions, pass } = start(t);
    sessions[0]!.handOver.isPossible = false;
    await pass(60 * secondMs);
    assert.deepEqual(asked, []);
  });

  it('as many at once as there is room for, ten at most, and the next when one is gone', async (t) => {
    const { asked, registry, tellRoom, pass } = start(t, { calls: 15, others: [2, 1] });
    await pass(6 * secondMs);
    assert.equal(asked.length, 3);
    tellRoom(100);
    await pass(secondMs);
    assert.equal(asked.length, 10);
    registry.sessions.splice(0, 1);
    await pass(200);
    assert.equal(asked.length, 11);
  });

  it('again two seconds after a carrier refused, for as long as it does', async (t) => {
    const { asked, sessions, pass } = start(t);
    sessions[0]!.handOver.refusals = 3;
    await pass(15 * secondMs);
    const [first, ...later] = asked.map(({ atMs }) => atMs);
    assert.deepEqual(
      later.map((atMs) => atMs - first!),
      [2_000, 4_000, 6_000],
    );
  });

  it('to nobody any more once it is closed', async (t) => {
    const { asked, pass, evacuation } = start(t);
    await evacuation.close();
    await pass(10 * secondMs);
    assert.deepEqual(asked, []);
  });
});
