// What was no turn leaves the conversation, whenever its item comes.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { UnwantedTurns } from './unwanted-turns.ts';

it('takes out at once what is there, and the rest as it comes, each once', () => {
  const turns = new UnwantedTurns();
  assert.equal(turns.add('a'), false);
  assert.deepEqual(turns.drop(['a', 'b']), ['a']);
  assert.equal(turns.add('b'), true);
  assert.equal(turns.add('b'), false);
  assert.equal(turns.add('c'), false);
  assert.deepEqual(turns.drop(['a']), []);
});
