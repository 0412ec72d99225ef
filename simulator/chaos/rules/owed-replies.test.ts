// Who is owed a reply by the agent, and who waits for somebody else.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { CallRecord, WorldRecord } from '../world-record.ts';
import { findOwedSilences } from './owed-replies.ts';

it('while the carrier rings another phone for the caller the agent owes nothing, be it written down or not', () => {
  const find = (transfers: CallRecord['transfers']) => {
    const call = {
      plan: { number: '+15550100', pickup: 'answers', direction: 'inbound' },
      line: { fromMs: 0, toMs: 60_000 },
      sounds: [{ fromMs: 0, toMs: 3_000 }],
      said: [
        { fromMs: 3_500, toMs: 5_000, text: 'A person, please.' },
        { fromMs: 30_000, toMs: 31_000, text: 'Hello?' },
      ],
      pressedAtMs: [],
      events: [],
      transfers,
    } as unknown as CallRecord;
    return findOwedSilences({ calls: [call], faults: [], startedAt: 0 } as unknown as WorldRecord, call);
  };
  const asked = { fromMs: 5_000, toMs: 30_000 };
  const hello = { fromMs: 31_000, toMs: 60_000 };
  assert.deepEqual(find([]), [asked, hello]);
  assert.deepEqual(find([{ fromMs: 5_000, toMs: 29_000 }]), [hello]);
  assert.deepEqual(find([{ fromMs: 4_900, toMs: Number.POSITIVE_INFINITY }]), []);
});

it('a reply that stands in the history alone is over where it says', () => {
  const find = (turns: readonly object[]) => {
    const call = {
      plan: { number: '+15550100', pickup: 'answers', direction: 'inbound' },
      line: { fromMs: 0, toMs: 20_000 },
      sounds: [
        { fromMs: 0, toMs: 3_000 },
        { fromMs: 8_500, toMs: 12_000 },
      ],
      said: [{ fromMs: 6_000, toMs: 8_000, text: 'Are you open on Saturday?' }],
      pressedAtMs: [],
      events: [],
      transfers: [],
      history: { turns },
    } as unknown as CallRecord;
    return findOwedSilences({ calls: [call], faults: [], startedAt: 0 } as unknown as WorldRecord, call);
  };
  const answered = { fromMs: 8_000, toMs: 8_500 };
  assert.deepEqual(find([{ role: 'agent', at: 3_100 }]), [answered]);
  assert.deepEqual(find([]), [answered, { fromMs: 3_000, toMs: 6_000 }]);
});
