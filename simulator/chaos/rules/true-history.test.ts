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

interface CutReply {
  readonly cutAtMs: number;
  /** When it was broken off, where that is not the moment of the cut. */
  readonly interruptedAtMs?: number;
  readonly droppedMs: number;
  readonly frames: readonly ReturnType<typeof frame>[];
  readonly heardMs: number;
  /** What was told before the cut. */
  readonly told?: readonly CallEvent[];
  /** And after it. */
  readonly toldThen?: readonly CallEvent[];
  readonly faults?: readonly object[];
}

const usual = [
  tell(500, { type: 'media-started', replica: 'one' }),
  tell(600, { type: 'reply-timed', latencyMs: 100, playoutMs: 0 }),
];

function findProblems({
  cutAtMs,
  interruptedAtMs = cutAtMs,
  droppedMs,
  frames,
  heardMs,
  told = usual,
  toldThen = [],
  faults = [],
}: CutReply): string[] {
  const call = {
    plan: { number: '+15550100', carrier: 'twilio' },
    said: [],
    cuts: [{ atMs: cutAtMs, droppedMs, frames }],
    events: [...told, tell(interruptedAtMs, { type: 'agent-interrupted', heardMs, stopMs: 0 }), ...toldThen],
  } as unknown as CallRecord;
  const world = { calls: [call], faults, startedAt: 0 } as unknown as WorldRecord;
  return trueHistory.find(world).map(({ what }) => what);
}

it('what a bridge said that is gone is no part of the reply by which another one goes on', () => {
  const told = [
    tell(3_000, { type: 'media-started', replica: 'killed' }),
    tell(3_110, { type: 'reply-timed', latencyMs: 100, playoutMs: 0 }),
    tell(5_100, { type: 'media-started', replica: 'next' }),
  ];
  const cut = { cutAtMs: 7_282, droppedMs: 180, frames: [...frames(3_120, 98), ...frames(5_370, 105)], told };
  assert.deepEqual(findProblems({ ...cut, heardMs: 1_912 }), []);
  const problem = '3880 ms of a reply count as heard, and the carrier played up to 1920 ms';
  assert.deepEqual(findProblems({ ...cut, heardMs: 3_880 }), [problem]);
});

it("a cut on the socket that replaced the line is another reply's", () => {
  const toldThen = [tell(3_000, { type: 'media-started', replica: 'one' })];
  const cut = { cutAtMs: 3_500, interruptedAtMs: 3_000, droppedMs: 100, frames: frames(3_400, 8), heardMs: 1_350 };
  assert.deepEqual(findProblems({ ...cut, toldThen }), []);
  assert.equal(findProblems(cut).length, 1);
});

it('what a carrier had left when everybody fell asleep is played when they wake, and no bridge can know', () => {
  // 480 ms are sent in 280, and everybody sleeps until 3,500.
  const sent = [...frames(600, 14), ...frames(870, 10), ...frames(3_500, 68)];
  const told = [usual[0]!, tell(590, { type: 'reply-timed', latencyMs: 100, playoutMs: 0 })];
  const cut = { cutAtMs: 4_500, droppedMs: 360, frames: sent, told };
  const faults = [{ name: 'the clock jumps', fromMs: 880, toMs: 3_500, sleptMs: 2_600 }];
  assert.deepEqual(findProblems({ ...cut, heardMs: 1_480, faults }), []);
  assert.equal(findProblems({ ...cut, heardMs: 1_700 }).length, 1);
  assert.equal(findProblems({ ...cut, heardMs: 2_000, faults }).length, 1);
});

it('what fills a reply that comes haltingly, or a hole in it, is no part of it', () => {
  const holed = (holeMs: number) => [...frames(600, 5), ...frames(700 + holeMs, 5), ...frames(1_200, 39)];
  const cut = { cutAtMs: 1_790, droppedMs: 180, frames: holed(200) };
  const faults = [{ name: 'realtime models trickling', fromMs: 100, toMs: 5_000, isHalting: true }];
  assert.deepEqual(findProblems({ ...cut, heardMs: 400, faults }), []);
  assert.equal(findProblems({ ...cut, heardMs: 400 }).length, 1);
  assert.deepEqual(findProblems({ ...cut, frames: holed(510), heardMs: 400 }), []);
  assert.equal(findProblems({ ...cut, heardMs: 1_000, faults }).length, 1);
});

it('what fills the wait behind a mere syllable of a reply is no part of it, though it comes soon', () => {
  // 200 ms of a reply, and nothing more of it; words that fill the wait 400 ms later.
  const waited = (syllables: number) => ({
    cutAtMs: 2_000,
    droppedMs: 0,
    frames: [...frames(600, syllables), ...frames(600 + 20 * syllables + 400, 33)],
  });
  assert.deepEqual(findProblems({ ...waited(10), heardMs: 200 }), []);
  assert.equal(findProblems({ ...waited(10), heardMs: 1_400 }).length, 1, 'more than was played at all');
  assert.equal(findProblems({ ...waited(20), heardMs: 400 }).length, 1, 'a word ends the wait');
});

it('a reply that began over a slow link is known no better than that, also when the link is quick again', () => {
  const cut = { cutAtMs: 5_000, droppedMs: 400, frames: frames(600, 240) };
  const slow = { name: 'media of twilio slow and uneven', fromMs: 300, toMs: 2_000, delaysMs: 70 };
  const early = { ...slow, fromMs: 100, toMs: 400 };
  assert.equal(findProblems({ ...cut, heardMs: 4_460 }).length, 1);
  assert.deepEqual(findProblems({ ...cut, heardMs: 4_460, faults: [slow] }), []);
  assert.equal(
    findProblems({ ...cut, heardMs: 4_460, faults: [early] }).length,
    1,
    'it was quick when the reply began',
  );
  assert.equal(findProblems({ ...cut, heardMs: 4_700, faults: [slow] }).length, 1);
});

it('what a carrier had left of a stream that it ended by itself was not played, though nothing had it dropped', () => {
  const cut = {
    cutAtMs: 2_600,
    droppedMs: 0,
    frames: frames(600, 150).map(({ lengthMs }, n) => ({ atMs: Math.max(600, 20 * n - 400), lengthMs })),
  };
  assert.deepEqual(findProblems({ ...cut, heardMs: 2_000 }), []);
  assert.equal(findProblems({ ...cut, heardMs: 2_200 }).length, 1);
});

it('what was played while a link held everything back is told too late for the words behind it, and no later', () => {
  const cut = { cutAtMs: 3_010, droppedMs: 0, frames: frames(600, 120), heardMs: 1_400 };
  const hole = (toMs: number) => ({ fromMs: 2_000, toMs, holdsUp: true, takesLineOf: { number: '+15550100' } });
  const problem = '1400 ms of a reply count as heard, and the carrier played 2400 ms';
  assert.deepEqual(findProblems({ ...cut, faults: [{ name: 'a hole', ...hole(3_000) }] }), []);
  assert.deepEqual(findProblems({ ...cut, heardMs: 1_300, faults: [{ name: 'a hole', ...hole(3_000) }] }).length, 1);
  assert.deepEqual(findProblems({ ...cut, faults: [{ name: 'a hole', ...hole(2_005) }] }), [problem]);
  assert.deepEqual(findProblems(cut), [problem]);
});
