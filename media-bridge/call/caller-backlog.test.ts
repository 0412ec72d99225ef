// Tests of keeping what the caller said until somebody has understood it.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { mulaw8k } from '../audio/audio-format.ts';
import { CallerBacklog, type LineMoment } from './caller-backlog.ts';

/** What our own ear hears of a line on which the model hears all that there is, and of one where it does not. */
const noticed: LineMoment = { unnoticedMs: 0, quietMs: 0 };
const unnoticedFor = (seconds: number): LineMoment => ({ unnoticedMs: seconds * 1_000, quietMs: 0 });
const quiet: LineMoment = { unnoticedMs: 0, quietMs: 2_000 };

/** The caller is heard for so many seconds, each of them full of its number. */
function setUp() {
  const backlog = new CallerBacklog(mulaw8k);
  let second = 0;
  const pass = (seconds: number, moment = noticed) => {
    for (let i = 0; i < seconds; i++) backlog.add(Buffer.alloc(8000, ++second), moment);
  };
  const give = () => backlog.give().map(([first]) => first);
  return { backlog, pass, give };
}

it('gives what was said between two models in order, and its own copy of it', () => {
  const backlog = new CallerBacklog(mulaw8k);
  backlog.add(Buffer.from([9]), noticed);
  backlog.loseModel();
  const reused = Buffer.from([1]);
  backlog.add(reused, noticed);
  reused[0] = 2;
  backlog.add(reused, noticed);
  assert.deepEqual(Buffer.concat([...backlog.give()]), Buffer.from([1, 2]));
});

it('gives a turn that was being spoken whole, with the second before it', () => {
  const { backlog, pass, give } = setUp();
  pass(7);
  backlog.beginTurn();
  pass(4);
  backlog.loseModel();
  pass(2);
  assert.deepEqual(give(), [7, 8, 9, 10, 11, 12, 13]);
});

it('gives it to the next model too when that is lost before it understood', () => {
  const { backlog, pass, give } = setUp();
  backlog.beginTurn();
  pass(3);
  backlog.loseModel();
  give();
  pass(1);
  backlog.loseModel();
  assert.deepEqual(give(), [1, 2, 3, 4]);
});

it('forgets a turn that was understood', () => {
  const { backlog, pass, give } = setUp();
  backlog.beginTurn();
  pass(3);
  backlog.settleTurn();
  pass(3);
  backlog.loseModel();
  pass(1);
  assert.deepEqual([backlog.hasTurn, give()], [false, [7]]);
});

it('has no voice of a caller who speaks past it, nor of one who was understood', () => {
  const { backlog, pass } = setUp();
  backlog.beginTurn();
  assert.deepEqual([backlog.hasTurn, backlog.hasVoice], [true, false]);
  pass(1);
  assert.equal(backlog.hasVoice, true);
  backlog.settleTurn();
  assert.equal(backlog.hasVoice, false);
});

it('holds half a minute', () => {
  const { backlog, pass, give } = setUp();
  backlog.beginTurn();
  pass(40);
  backlog.loseModel();
  assert.deepEqual([give().length, give()[0]], [30, 11]);
});

it('keeps a voice that the model takes no notice of, from its beginning, and nothing that was answered before', () => {
  const { backlog, pass, give } = setUp();
  pass(5);
  for (const seconds of [1, 2, 3]) pass(1, unnoticedFor(seconds - 0.1));
  backlog.settleTurn();
  pass(1, unnoticedFor(3.9));
  backlog.loseModel();
  pass(1);
  assert.deepEqual(give(), [6, 7, 8, 9, 10]);
});

it('forgets before the next turn what was answered a moment before', () => {
  const { backlog, pass, give } = setUp();
  backlog.beginTurn();
  pass(3);
  backlog.settleTurn();
  backlog.beginTurn();
  pass(1);
  backlog.loseModel();
  assert.deepEqual(give(), [4]);
});

it('forgets nothing while there is no model that could have understood it', () => {
  const { backlog, pass, give } = setUp();
  backlog.loseModel();
  pass(2);
  backlog.settleTurn();
  assert.deepEqual(give(), [1, 2]);
});

it('keeps nothing of a line on which nobody speaks, and of the silence in a turn no more than it takes to hear its end', () => {
  const { backlog, pass, give } = setUp();
  pass(3);
  pass(1, quiet);
  assert.deepEqual(give(), []);
  backlog.beginTurn();
  pass(2);
  pass(20, quiet);
  pass(1);
  assert.deepEqual(give(), [5, 6, 27]);
});
