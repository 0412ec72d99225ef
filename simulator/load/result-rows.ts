// What came of measurements, as a row to read, and of several as their median.
import type { LatencySummary } from './latencies.ts';
import type { LoadResult } from './load-run.ts';
import type { Verdict } from './verdict.ts';

export function formatRow(result: LoadResult & Verdict, remark = ''): string {
  const { engine, calls, added, whileOpening, burstOpenedInMs, lateness, busyShare, othersShare, memoryKbACall } =
    result;
  const percent = (share: number) => `${Math.round(share * 100)} %`.padStart(5);
  const { cpuUsAFrame, userUsAFrame, systemUsAFrame, lostToModel, lostToCaller, gapShare } = result;
  return [
    engine.padEnd(8),
    `${calls} calls`.padStart(10),
    `${cpuUsAFrame.toFixed(1)} µs a frame (own ${userUsAFrame.toFixed(1)}, kernel ${systemUsAFrame.toFixed(1)})`,
    `core ${percent(busyShare)} + others ${percent(othersShare)}`,
    `added p50 ${added.p50Ms} p99 ${added.p99Ms} p99.9 ${added.p999Ms} max ${added.maxMs} ms`,
    ...(whileOpening.count === 0
      ? []
      : [`while others opened for ${burstOpenedInMs} ms p99 ${whileOpening.p99Ms} max ${whileOpening.maxMs} ms`]),
    `load p99 ${lateness.p99Ms} ms late`,
    `${Math.round(memoryKbACall)} kB a call`,
    `lost ${lostToModel} to the model, ${lostToCaller} to the caller`,
    ...(gapShare === 0 ? [] : [`gaps at ${(gapShare * 100).toFixed(2)} % of frames`]),
    result.verdict,
    ...(remark === '' ? [] : [remark]),
  ].join('  ');
}

/** Each figure by itself: one that was disturbed weighs nothing. Of equal numbers of calls through one engine; at least one. */
export function medianOf(results: readonly LoadResult[]): LoadResult {
  const of = (read: (result: LoadResult) => number): number => {
    const sorted = results.map(read).sort((a, b) => a - b);
    return sorted[sorted.length >> 1]!;
  };
  const latencies = (read: (result: LoadResult) => LatencySummary): LatencySummary => ({
    count: of((result) => read(result).count),
    p50Ms: of((result) => read(result).p50Ms),
    p99Ms: of((result) => read(result).p99Ms),
    p999Ms: of((result) => read(result).p999Ms),
    maxMs: of((result) => read(result).maxMs),
  });
  return {
    ...results[0]!,
    added: latencies(({ added }) => added),
    whileOpening: latencies(({ whileOpening }) => whileOpening),
    burstOpenedInMs: of(({ burstOpenedInMs }) => burstOpenedInMs),
    lateness: latencies(({ lateness }) => lateness),
    cpuUsAFrame: of(({ cpuUsAFrame }) => cpuUsAFrame),
    userUsAFrame: of(({ userUsAFrame }) => userUsAFrame),
    systemUsAFrame: of(({ systemUsAFrame }) => systemUsAFrame),
    busyShare: of(({ busyShare }) => busyShare),
    othersShare: of(({ othersShare }) => othersShare),
    memoryKbACall: of(({ memoryKbACall }) => memoryKbACall),
    lostToModel: of(({ lostToModel }) => lostToModel),
    lostToCaller: of(({ lostToCaller }) => lostToCaller),
    gapShare: of(({ gapShare }) => gapShare),
    openedInMs: of(({ openedInMs }) => openedInMs),
  };
}
