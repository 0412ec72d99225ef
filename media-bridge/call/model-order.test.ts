// Tests whose wish decides on the voice model of a call.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { orderModels } from './model-order.ts';

const all = ['gpt-realtime', 'voice-live', 'cascade'] as const;
const agent = ['gpt-realtime', 'voice-live'] as const;

describe('the order of voice models', () => {
  it('is that of the agent when nobody else has a wish', () =>
    assert.deepEqual(orderModels({ call: undefined, house: undefined, agent: ['cascade', 'voice-live'] }, all), [
      'cascade',
      'voice-live',
      'gpt-realtime',
    ]));
  it('puts the wish of the house before that of the agent', () =>
    assert.deepEqual(orderModels({ call: undefined, house: 'cascade', agent }, all), [
      'cascade',
      'gpt-realtime',
      'voice-live',
    ]));
  it('puts the wish of the call before both', () =>
    assert.deepEqual(orderModels({ call: 'voice-live', house: 'cascade', agent }, all), [
      'voice-live',
      'cascade',
      'gpt-realtime',
    ]));
  it('leaves out what is not configured here', () =>
    assert.deepEqual(orderModels({ call: 'voice-live', house: undefined, agent }, ['cascade']), ['cascade']));
});
