// What an agent, a caller and a service change in how long everything takes.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { rules } from './testing/turn-scenes.ts';
import { createTurnNumbers } from './turn-numbers.ts';

it('gives who nods for long more time, unless the agent adapts to nobody', () => {
  const findMs = (adapts: boolean) =>
    createTurnNumbers({ ...rules, adapts }, { slackMs: 150, tellsWords: true }).hesitateAfterMs;
  assert.deepEqual([findMs(true), findMs(false)], [530, 380]);
});
