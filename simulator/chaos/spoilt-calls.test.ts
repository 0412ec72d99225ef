// Whose misfortunes are put down to nonsense that was talked to them.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isSpoilt } from './spoilt-calls.ts';
import type { CallRecord, WorldRecord } from './world-record.ts';

const call = {
  plan: { carrier: 'web', startsMs: 10_000 },
  line: { fromMs: 11_000, toMs: 30_000 },
  events: [{ type: 'model-opened', model: 'cascade' }],
} as unknown as CallRecord;

function isSpoiltBy(fault: object): boolean {
  return isSpoilt({ faults: [fault] } as unknown as WorldRecord, call);
}

it('a call is spoilt by what is said to its carrier, or to a model that it had, while it lasts', () => {
  const meanwhile = { fromMs: 29_000, toMs: 40_000 };
  assert.equal(isSpoiltBy({ ...meanwhile, spoils: { carrier: 'web' } }), true);
  assert.equal(isSpoiltBy({ ...meanwhile, spoils: { carrier: 'acs' } }), false);
  assert.equal(isSpoiltBy({ ...meanwhile, spoils: { models: ['cascade'] } }), true);
  assert.equal(isSpoiltBy({ ...meanwhile, spoils: { models: ['voice-live'] } }), false);
  assert.equal(isSpoiltBy(meanwhile), false);
});

it('a call is not spoilt by what came before it or after it', () => {
  assert.equal(isSpoiltBy({ fromMs: 5_000, toMs: 9_000, spoils: { carrier: 'web' } }), false);
  assert.equal(isSpoiltBy({ fromMs: 30_001, toMs: 40_000, spoils: { models: ['cascade'] } }), false);
});
