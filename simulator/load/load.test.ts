// Holds the load of the benches to its own word: a short one through the bridge, of which no time is asserted.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { CallSearch } from './call-search.ts';
import { createEngines } from './engines.ts';
import { Latencies } from './latencies.ts';
import { type LoadResult, measure } from './load-run.ts';
import { createFrame, FrameReader, opcodes } from './raw-frames.ts';
import { findVerdict } from './verdict.ts';

describe('frames of WebSocket', () => {
  it('are found again however the stream is cut', () => {
    const payloads = ['', 'a', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(5_000)];
    const stream = Buffer.concat(payloads.flatMap((text) => [createFrame(text, true), createFrame(text, false)]));
    for (const cut of [1, 7, 1_000, stream.length]) {
      const found: string[] = [];
      const reader = new FrameReader((frame) => {
        assert.equal(frame.opcode, opcodes.text);
        found.push(frame.read().toString());
      });
      for (let at = 0; at < stream.length; at += cut) reader.push(stream.subarray(at, at + cut));
      assert.deepEqual(
        found,
        payloads.flatMap((text) => [text, text]),
      );
    }
  });
});

it('summarises what came late', () => {
  const latencies = new Latencies();
  for (let i = 1; i <= 1_000; i++) latencies.add(i / 100);
  assert.deepEqual(latencies.summarise(), { count: 1_000, p50Ms: 5.02, p99Ms: 9.92, p999Ms: 10, maxMs: 10 });
  latencies.clear();
  assert.equal(latencies.summarise().count, 0);
});

it('says nothing of a bridge whose core others worked on, or that the load itself was late for', () => {
  const times = { count: 1, p50Ms: 1, p99Ms: 1, p999Ms: 1, maxMs: 1 };
  const sound = {
    added: times,
    lateness: times,
    lostToModel: 0,
    lostToCaller: 0,
    gapShare: 0,
    othersShare: 0,
  } as LoadResult;
  const slow = { ...sound, added: { ...times, p99Ms: 6 } };
  assert.equal(findVerdict(sound).verdict, 'held');
  assert.equal(findVerdict(slow).verdict, 'late');
  assert.equal(findVerdict({ ...sound, lostToModel: 1 }).verdict, 'late');
  assert.equal(findVerdict({ ...sound, lostToCaller: -1 }).verdict, 'late');
  assert.equal(findVerdict({ ...sound, gapShare: 0.01 }).verdict, 'late');
  assert.equal(findVerdict({ ...slow, othersShare: 0.2 }).verdict, 'void');
  assert.equal(findVerdict({ ...slow, lateness: { ...times, p99Ms: 4 } }).verdict, 'void');
});

it('finds the most calls that are held in few tries', () => {
  const findHeld = (limit: number) => {
    const search = new CallSearch({ from: 50, to: 1_000, step: 25 });
    let tries = 0;
    for (let calls = search.next; calls !== undefined; calls = search.next, tries++) search.tell(calls <= limit);
    return { held: search.held, tries };
  };
  assert.deepEqual(findHeld(430), { held: 425, tries: 9 });
  assert.deepEqual(findHeld(5_000), { held: 1_000, tries: 6 });
  assert.deepEqual(findHeld(49), { held: 25, tries: 2 });
});

it('carries calls through the bridge from end to end', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-load-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const world = await createEngines({ folder, names: ['parley'], tls: false, isBuilt: false });
  t.after(() => world.stop());
  const loadCore = availableParallelism() > 1 ? 1 : 0;
  const measured = await measure(world.engines[0]!, {
    secret: world.secret,
    calls: 3,
    burst: 1,
    inTurns: false,
    warmMs: 100,
    measureMs: 1_000,
    bridgeCore: 0,
    loadCore,
  });
  assert.ok(measured.added.count > 30, `${measured.added.count} frames arrived`);
  assert.ok(measured.burstOpenedInMs > 0);
  assert.ok(measured.cpuUsAFrame > 0);
});
