// The result of a run: each column with its figures, held against the targets; and as a table of text. Pure.
import { type Column, nameColumn } from './eval-job.ts';
import { type Figure, type Figures, measureFigures } from './figures.ts';
import type { JobScore } from './job-process.ts';
import { findTarget, mostAddedMs, type Row, rows } from './targets.ts';

export interface ColumnResult {
  readonly column: Column;
  readonly name: string;
  readonly calls: number;
  readonly events: number;
  readonly figures: Figures;
  /** Titles of the rows whose targets it does not reach. */
  readonly failed: readonly string[];
}

const titleChars = 50;
const targetChars = 10;
const cellChars = 24;

export function createResults(scores: readonly JobScore[]): ColumnResult[] {
  const columns = new Map<string, JobScore[]>();
  for (const score of scores) {
    const name = nameColumn(score.column);
    columns.set(name, [...(columns.get(name) ?? []), score]);
  }
  return [...columns].map(([name, found]) => {
    const { column } = found[0]!;
    const calls = found.flatMap((score) => score.calls);
    const figures = measureFigures(calls);
    const failed = rows.filter((row) => !isReached(row, column, figures)).map(({ title }) => title);
    return { column, name, calls: calls.length, events: calls.flatMap(({ events }) => events).length, figures, failed };
  });
}

function isReached(row: Row, column: Column, figures: Figures): boolean {
  const target = findTarget(row, column);
  const { value } = figures[row.figure];
  if (!target || value === undefined) return true;
  return value >= (target.atLeast ?? Number.NEGATIVE_INFINITY) && value <= (target.atMost ?? Number.POSITIVE_INFINITY);
}

/** Of the answer to an ordinary question: on less off. Undefined where one of them was not played. */
export function findAddedMs(results: readonly ColumnResult[], model: Column['model']): number | undefined {
  const latency = (mode: Column['mode']) =>
    results.find(({ column }) => column.model === model && column.mode === mode && column.variant === 'all')?.figures
      .turnLatencyMedian.value;
  const [off, on] = [latency('off'), latency('on')];
  return off === undefined || on === undefined ? undefined : on - off;
}

/** `!` marks what does not reach its target. */
export function formatTable(results: readonly ColumnResult[]): string {
  const line = (title: string, target: string, cells: readonly string[]) =>
    [title.padEnd(titleChars), target.padEnd(targetChars), ...cells.map((cell) => cell.padEnd(cellChars))]
      .join(' ')
      .trimEnd();
  const lines = rows.map((row) =>
    line(
      row.title,
      formatTarget(row),
      results.map(({ column, figures }) => {
        const mark = isReached(row, column, figures) ? '' : ' !';
        return `${formatFigure(figures[row.figure])}${mark}`;
      }),
    ),
  );
  const models = [...new Set(results.map(({ column }) => column.model))];
  const added = models.flatMap((model) => {
    const ms = findAddedMs(results, model);
    if (ms === undefined) return [];
    const mark = ms > mostAddedMs ? ' !' : '';
    return line(`added to an ordinary turn, ${model}`, `<= ${mostAddedMs} ms`, [`${Math.round(ms)} ms${mark}`]);
  });
  return [
    line(
      '',
      'target',
      results.map(({ name }) => name),
    ),
    line(
      'calls, sounds of the caller',
      '',
      results.map(({ calls, events }) => `${calls}, ${events}`),
    ),
    ...lines,
    ...added,
  ].join('\n');
}

function formatTarget({ figure, atLeast, atMost, atMostWithoutWords }: Row): string {
  const unit = figure === 'missed' ? 'score' : (atMost ?? 0) > 1 ? 'ms' : 'share';
  const show = (value: number) => formatValue(value, unit);
  if (atLeast !== undefined) return `>= ${show(atLeast)}`;
  if (atMost === undefined) return '';
  return `<= ${show(atMost)}${atMostWithoutWords === undefined ? '' : ` (${Math.round(atMostWithoutWords)})`}`;
}

export function formatFigure({ value, interval, unit, of }: Figure): string {
  if (value === undefined) return '-';
  const bounds = interval ? ` (${interval.map((bound) => formatBare(bound, unit)).join('-')})` : '';
  return `${formatValue(value, unit)}${bounds}${interval && unit === 'share' ? ` n${of}` : ''}`;
}

function formatValue(value: number, unit: Figure['unit']): string {
  return unit === 'share'
    ? `${formatBare(value, unit)} %`
    : unit === 'ms'
      ? `${formatBare(value, unit)} ms`
      : formatBare(value, unit);
}

function formatBare(value: number, unit: Figure['unit']): string {
  if (unit === 'share') return (value * 100).toFixed(value === 1 ? 0 : 1);
  return unit === 'ms' ? String(Math.round(value)) : String(Math.round(value * 1_000) / 1_000);
}
