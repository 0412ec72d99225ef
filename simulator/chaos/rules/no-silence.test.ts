// How long a silence may be where the link to the agent is slow.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { CallRecord, WorldRecord } from '../world-record.ts';
import { noSilence } from './no-silence.ts';

it('over a slow link an answer comes two messages later, and five where a socket is opened before it', () => {
  const carrierIsSlow = { name: 'media of twilio slow and uneven', delaysMs: 100 };
  const bridgeIsSlow = { name: 'link of a bridge slow', delaysMs: 100, takesLineOf: { machine: 'bridge-1' } };
  const find = (answeredAtMs: number, socketsFromMs: readonly number[], slow: object = carrierIsSlow) => {
    const call = {
      plan: { number: '+15550100', pickup: 'answers', direction: 'inbound', carrier: 'twilio' },
      line: { fromMs: 0, toMs: 20_000 },
      endedBy: 'them',
      sounds: [
        { fromMs: 0, toMs: 3_000 },
        { fromMs: answeredAtMs, toMs: 20_000 },
      ],
      said: [{ fromMs: 3_000, toMs: 5_000, text: 'A person, please.' }],
      sockets: socketsFromMs.map((fromMs) => ({ fromMs, toMs: 20_000 })),
      pressedAtMs: [],
      events: [],
      transfers: [],
    } as unknown as CallRecord;
    const faults = [{ ...slow, fromMs: 0, toMs: 20_000 }];
    return noSilence.find({ calls: [call], faults, startedAt: 0 } as unknown as WorldRecord).length;
  };
  assert.deepEqual([find(7_200, [0]), find(7_201, [0])], [0, 1]);
  assert.deepEqual([find(7_500, [0, 6_000]), find(7_501, [0, 6_000])], [0, 1]);
  // It may have been opened there first.
  assert.deepEqual([find(7_500, [0, 6_000], bridgeIsSlow), find(7_100, [0], bridgeIsSlow)], [0, 1]);
});
