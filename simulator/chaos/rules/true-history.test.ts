// What counts as heard of a reply that is cut, where the wire tells more than the reply.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { CallId } from '../../../shared/call/call.ts';
import type { CallEvent, CallFact } from '../../../shared/call/call-event.ts';
import type { CallRecord, WorldRecord } from '../world-record.ts';
import { trueHistory } from './true-history.ts';

const tell = (at: number, fact: CallFact): CallEvent => ({ ...fact, callId: 'in-1' as CallId, id: `${at}`, at });
const frame = (atMs: number) => ({ atMs, lengthMs: 20 });
const frames = (fromMs: number, count: number) => Array.from({ length: count }, (_, n) => frame(fromMs + 20 * n));

function findProblems(heardMs: number): string[] {
  const call = {
    plan: { number: '+15550100' },
    said: [],
    cuts: [{ atMs: 7_282, droppedMs: 180, frames: [...frames(3_120, 98), ...frames(5_370, 105)] }],
    events: [
      tell(3_000, { type: 'media-started', replica: 'killed' }),
      tell(3_110, { type: 'reply-timed', latencyMs: 100, playoutMs: 0 }),
      tell(5_100, { type: 'media-started', replica: 'next' }),
      tell(7_282, { type: 'agent-interrupted', heardMs, stopMs: 0 }),
    ],
  } as unknown as CallRecord;
  const world = { calls: [call], faults: [], startedAt: 0 } as unknown as WorldRecord;
  return trueHistory.find(world).map(({ what }) => what);
}

it('what a bridge said that is gone is no part of the reply by which another one goes on', () => {
  assert.deepEqual(findProblems(1_912), []);
  assert.deepEqual(findProblems(3_880), ['3880 ms of a reply count as heard, and the carrier played up to 1920 ms']);
});

it('what a carrier had left when everybody fell asleep is played when they wake, and no bridge can know', () => {
  const find = (faults: readonly object[], heardMs: number) => {
    const call = {
      plan: { number: '+15550100' },
      said: [],
      // 480 ms are sent in 280, and everybody sleeps until 3,500.
      cuts: [{ atMs: 4_500, droppedMs: 360, frames: [...frames(600, 14), ...frames(870, 10), ...frames(3_500, 68)] }],
      events: [
        tell(500, { type: 'media-started', replica: 'one' }),
        tell(590, { type: 'reply-timed', latencyMs: 100, playoutMs: 0 }),
        tell(4_500, { type: 'agent-interrupted', heardMs, stopMs: 0 }),
      ],
    } as unknown as CallRecord;
    const world = { calls: [call], faults, startedAt: 0 } as unknown as WorldRecord;
    return trueHistory.find(world).map(({ what }) => what);
  };
  const asleep = { name: 'the clock jumps', fromMs: 880, toMs: 3_500, sleptMs: 2_600 };
  assert.deepEqual(find([asleep], 1_480), []);
  assert.equal(find([], 1_700).length, 1);
  assert.equal(find([asleep], 2_000).length, 1);
});

it('what fills a reply that comes haltingly, or a hole in it, is no part of it', () => {
  const find = (faults: readonly object[], heardMs: number, holeMs = 200) => {
    const call = {
      plan: { number: '+15550100' },
      said: [],
      cuts: [
        { atMs: 1_790, droppedMs: 180, frames: [...frames(600, 5), ...frames(700 + holeMs, 5), ...frames(1_200, 39)] },
      ],
      events: [
        tell(500, { type: 'media-started', replica: 'one' }),
        tell(600, { type: 'reply-timed', latencyMs: 100, playoutMs: 0 }),
        tell(1_790, { type: 'agent-interrupted', heardMs, stopMs: 0 }),
      ],
    } as unknown as CallRecord;
    return trueHistory.find({ calls: [call], faults, startedAt: 0 } as unknown as WorldRecord).map(({ what }) => what);
  };
  const trickling = { name: 'realtime models trickling', fromMs: 100, toMs: 5_000, isHalting: true };
  assert.deepEqual(find([trickling], 400), []);
  assert.equal(find([], 400).length, 1);
  assert.deepEqual(find([], 400, 510), []);
  assert.equal(find([trickling], 1_000).length, 1);
});

it('a reply that began over a slow link is known no better than that, also when the link is quick again', () => {
  const find = (faults: readonly object[], heardMs: number) => {
    const call = {
      plan: { number: '+15550100', carrier: 'twilio' },
      said: [],
      cuts: [{ atMs: 5_000, droppedMs: 400, frames: frames(600, 240) }],
      events: [
        tell(500, { type: 'media-started', replica: 'one' }),
        tell(600, { type: 'reply-timed', latencyMs: 100, playoutMs: 0 }),
        tell(5_000, { type: 'agent-interrupted', heardMs, stopMs: 0 }),
      ],
    } as unknown as CallRecord;
    return trueHistory.find({ calls: [call], faults, startedAt: 0 } as unknown as WorldRecord).map(({ what }) => what);
  };
  const slow = { name: 'media of twilio slow and uneven', fromMs: 300, toMs: 2_000, delaysMs: 70 };
  assert.equal(find([], 4_460).length, 1);
  assert.deepEqual(find([slow], 4_460), []);
  assert.equal(find([{ ...slow, fromMs: 100, toMs: 400 }], 4_460).length, 1, 'it was quick when the reply began');
  assert.equal(find([slow], 4_700).length, 1);
});
