// Tests of keeping what the caller said until somebody has understood it.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { mulaw8k } from '../audio/audio-format.ts';
import { CallerBacklog } from './caller-backlog.ts';

/** The caller is heard for so many seconds, each of them full of its number. */
function setUp() {
  const backlog = new CallerBacklog(mulaw8k);
  let second = 0;
  const pass = (seconds: number) => {
    for (let i = 0; i < seconds; i++) backlog.add(Buffer.alloc(8000, ++second));
  };
  const give = () => backlog.give().map(([first]) => first);
  return { backlog, pass, give };
}

it('gives what was said between two models in order, and its own copy of it', () => {
  const backlog = new CallerBacklog(mulaw8k);
  backlog.add(Buffer.from([9]));
  backlog.loseModel();
  const reused = Buffer.from([1]);
  backlog.add(reused);
  reused[0] = 2;
  backlog.add(reused);
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

it('holds half a minute', () => {
  const { backlog, pass, give } = setUp();
  backlog.beginTurn();
  pass(40);
  backlog.loseModel();
  assert.deepEqual([give().length, give()[0]], [30, 11]);
});
