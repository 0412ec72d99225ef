// What became of the calls of some hours, in numbers: counted from the history, without Azure's help.
import type { CallState } from '../../shared/call/call-state.ts';
import type { Percentiles, Statistics } from '../../shared/console-api.ts';
import type { CallList } from './call-list.ts';

/** A page of the history takes some 20 ms of Cosmos DB: who looks waits for two seconds at most. */
const maxCalls = 5_000;
const pageSize = 100;
const hourMs = 3_600_000;

export async function readStatistics(
  list: Pick<CallList, 'read'>,
  hours: number,
  now = Date.now(),
): Promise<Statistics> {
  const from = now - hours * hourMs;
  const calls: CallState[] = [];
  let next: string | undefined;
  do {
    const page = await list.read({ limit: pageSize, next, from });
    calls.push(...page.calls);
    next = page.next;
  } while (next !== undefined && calls.length < maxCalls);
  return countCalls(calls, { from, to: now, isCut: next !== undefined });
}

export function countCalls(
  calls: readonly CallState[],
  { from, to, isCut }: { from: number; to: number; isCut: boolean },
): Statistics {
  const turns = calls.flatMap((call) => call.turns);
  const repliesOf = (some: readonly CallState[]) => some.flatMap(({ repliesMs = [] }) => repliesMs);
  const byModel = Map.groupBy(calls, ({ model }) => model ?? 'none');
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    calls: calls.length,
    is_cut: isCut,
    talked_seconds: Math.round(
      calls.reduce(
        (sum, { connectedAt, endedAt = to }) => sum + (connectedAt ? Math.max(0, endedAt - connectedAt) : 0),
        0,
      ) / 1000,
    ),
    by_hour: countHours(calls, { from, to }),
    by_reason: [...Map.groupBy(calls, ({ phase, endReason }) => endReason ?? phase)]
      .map(([reason, some]) => ({ reason, calls: some.length }))
      .sort((a, b) => b.calls - a.calls),
    reply_ms: findPercentiles(repliesOf(calls)),
    reply_ms_by_model: [...byModel].flatMap(([model, some]) => {
      const found = findPercentiles(repliesOf(some));
      return found ? [{ model, reply_ms: found }] : [];
    }),
    turns: turns.length,
    barge_ins: turns.filter(({ interrupted }) => interrupted).length,
    failovers: calls.reduce((sum, { modelsLost = 0 }) => sum + modelsLost, 0),
  };
}

/** Hours without a call too. */
function countHours(calls: readonly CallState[], { from, to }: { from: number; to: number }): Statistics['by_hour'] {
  const first = Math.floor(from / hourMs);
  const hours = Array.from({ length: Math.floor(to / hourMs) - first + 1 }, () => ({ inbound: 0, outbound: 0 }));
  for (const { createdAt = 0, direction } of calls) {
    const hour = hours[Math.floor(createdAt / hourMs) - first];
    if (hour) hour[direction === 'outbound' ? 'outbound' : 'inbound'] += 1;
  }
  return hours.map((hour, index) => ({ hour: new Date((first + index) * hourMs).toISOString(), ...hour }));
}

/** By the nearest rank: each is one that was measured. */
export function findPercentiles(measures: readonly number[]): Percentiles | undefined {
  if (measures.length === 0) return undefined;
  const sorted = [...measures].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
  return { count: sorted.length, p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99) };
}
