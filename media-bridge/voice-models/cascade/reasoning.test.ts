// Tests what chat models are asked to think, by the names of their deployments.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { guessReasoningEffort, limitTokens } from './reasoning.ts';

it('asks of each family the least that it takes', () => {
  const asked = {
    'gpt-4o': undefined,
    'gpt-4.1-mini': undefined,
    'our-chat': undefined,
    'gpt-5-chat': undefined,
    'gpt-5': 'minimal',
    'gpt-5-mini': 'minimal',
    'gpt-5.1': 'none',
    'gpt-5.4-mini': 'none',
    'Prod-GPT-5.6-luna': 'none',
  } as const;
  for (const [deployment, effort] of Object.entries(asked))
    assert.equal(guessReasoningEffort(deployment), effort, deployment);
});

it('leaves the answer its room', () => {
  assert.equal(limitTokens(800, undefined), 800);
  assert.equal(limitTokens(800, 'none'), 800);
  assert.ok(limitTokens(800, 'low') >= 2_800);
});
