// What the numbers of the console say of a handful of calls.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { CallId } from '../../shared/call/call.ts';
import { type CallState, newCallState } from '../../shared/call/call-state.ts';
import { statisticsSchema } from '../../shared/console-api.ts';
import { countCalls, findPercentiles, readStatistics } from './statistics.ts';

const noon = Date.parse('2026-05-04T12:00:00.000Z');
const minuteMs = 60_000;
const call = (id: string, more: Partial<CallState>): CallState => ({
  ...newCallState(id as CallId),
  phase: 'ended',
  ...more,
});
const turn = (interrupted: boolean) => ({ role: 'agent', text: 'Hello', interrupted, at: noon }) as const;
const calls = [
  call('a', {
    direction: 'inbound',
    createdAt: noon - 90 * minuteMs,
    connectedAt: noon - 89 * minuteMs,
    endedAt: noon - 87 * minuteMs,
    endReason: 'caller-hung-up',
    model: 'gpt-realtime',
    turns: [turn(true), turn(false)],
    repliesMs: [400, 800],
  }),
  call('b', { direction: 'outbound', createdAt: noon - 10 * minuteMs, endReason: 'busy' }),
  call('c', {
    direction: 'inbound',
    phase: 'active',
    createdAt: noon - minuteMs,
    connectedAt: noon - minuteMs,
    model: 'cascade',
    repliesMs: [1600],
    modelsLost: 1,
  }),
];

it('counts calls by hour and reason, what was said, and how long callers waited', () => {
  const counted = countCalls(calls, { from: noon - 120 * minuteMs, to: noon, isCut: false });
  assert.deepEqual(statisticsSchema.parse(counted), {
    from: '2026-05-04T10:00:00.000Z',
    to: '2026-05-04T12:00:00.000Z',
    calls: 3,
    is_cut: false,
    talked_seconds: 180,
    by_hour: [
      { hour: '2026-05-04T10:00:00.000Z', inbound: 1, outbound: 0 },
      { hour: '2026-05-04T11:00:00.000Z', inbound: 1, outbound: 1 },
      { hour: '2026-05-04T12:00:00.000Z', inbound: 0, outbound: 0 },
    ],
    by_reason: [
      { reason: 'caller-hung-up', calls: 1 },
      { reason: 'busy', calls: 1 },
      { reason: 'active', calls: 1 },
    ],
    reply_ms: { count: 3, p50: 800, p90: 1600, p95: 1600, p99: 1600 },
    reply_ms_by_model: [
      { model: 'gpt-realtime', reply_ms: { count: 2, p50: 400, p90: 800, p95: 800, p99: 800 } },
      { model: 'cascade', reply_ms: { count: 1, p50: 1600, p90: 1600, p95: 1600, p99: 1600 } },
    ],
    turns: 2,
    barge_ins: 1,
    failovers: 1,
  });
});

it('says nothing of measures that nobody took', () => {
  assert.equal(findPercentiles([]), undefined);
  assert.deepEqual(findPercentiles([7]), { count: 1, p50: 7, p90: 7, p95: 7, p99: 7 });
});

it('reads page after page, and says where there was more than it counts', async () => {
  let pages = 0;
  const list = {
    read: async ({ next, from }: { next?: string; from?: number }) => {
      pages += 1;
      assert.deepEqual([next, from], [pages === 1 ? undefined : 'more', noon - 60 * minuteMs]);
      return { calls: Array.from({ length: 100 }, (_, n) => call(`${pages}-${n}`, {})), next: 'more' };
    },
  };
  const counted = await readStatistics(list, 1, noon);
  assert.deepEqual([counted.calls, counted.is_cut, pages], [5000, true, 50]);
});
