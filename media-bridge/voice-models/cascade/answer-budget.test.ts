// Tests of how much a chat model may think and write.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { AnswerBudget } from './answer-budget.ts';

const tokensOf = (budget: AnswerBudget) => budget.parameters.max_completion_tokens;

it('tries the next wish when one is refused, and none after the last', () => {
  const budget = new AnswerBudget('none');
  const tried: unknown[] = [];
  for (;;) {
    const { reasoning_effort: effort } = budget.parameters;
    tried.push(effort);
    if (!budget.refuse(effort)) break;
    budget.refuse(effort);
  }
  assert.deepEqual(tried, ['none', 'minimal', 'low', undefined]);
});

it('sends no wish to a model that takes none', () => {
  assert.deepEqual(new AnswerBudget(undefined).parameters, { max_completion_tokens: 800 });
});

it('gives more room to a model that turns out to think more, within bounds', () => {
  const budget = new AnswerBudget(undefined);
  const room = [tokensOf(budget)];
  for (let times = 0; times < 5; times++) {
    budget.usedUpByThoughts();
    room.push(tokensOf(budget));
  }
  assert.deepEqual(room, [800, 2_800, 6_800, 16_800, 16_800, 16_800]);
});
