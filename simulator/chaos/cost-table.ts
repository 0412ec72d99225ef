// What each fault cost the callers of a run, as a table in Markdown. Pure.
import type { WorldVerdict } from './world-verdict.ts';

export function formatCosts(verdicts: readonly WorldVerdict[]): string {
  const costs = Map.groupBy(
    verdicts.flatMap(({ costs }) => costs),
    ({ fault }) => fault,
  );
  const rows = [...costs.entries()]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([fault, played]) => {
      const silencesMs = played.flatMap(({ silencesMs }) => silencesMs).toSorted((a, b) => a - b);
      const shown = [0.5, 0.95, 1].map((share) => formatSeconds(quantile(silencesMs, share)));
      return `| ${[fault, played.length, silencesMs.length, ...shown].join(' | ')} |`;
    });
  return ['| fault | times | callers | p50 | p95 | worst |', '|---|--:|--:|--:|--:|--:|', ...rows].join('\n');
}

function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

function formatSeconds(ms: number | undefined): string {
  return ms === undefined ? '' : `${(ms / 1000).toFixed(1)} s`;
}
