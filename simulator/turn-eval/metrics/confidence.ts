// How sure a figure is: intervals of 95 % for a share (Wilson) and for a quantile or mean of a sample (bootstrap, seeded). Pure.
import type { Tally } from './tau-metrics.ts';

const z = 1.959964;
const resamplings = 400;

export type Interval = readonly [low: number, high: number];

export function wilson({ of, hits }: Tally): Interval {
  if (of === 0) return [0, 1];
  const share = hits / of;
  const middle = (share + z ** 2 / (2 * of)) / (1 + z ** 2 / of);
  const reach = (z / (1 + z ** 2 / of)) * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2));
  return [Math.max(0, middle - reach), Math.min(1, middle + reach)];
}

/** Between the two nearest, as most tools do. Undefined of nothing. */
export function quantile(values: readonly number[], q: number): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (high - low) * (at - Math.floor(at));
}

export function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** `random` gives numbers from 0 to 1. */
export function bootstrap(
  values: readonly number[],
  measure: (sample: readonly number[]) => number | undefined,
  random: () => number,
): Interval | undefined {
  if (values.length === 0) return undefined;
  const found = Array.from(
    { length: resamplings },
    () => measure(values.map(() => values[Math.floor(random() * values.length)]!))!,
  );
  return [quantile(found, 0.025)!, quantile(found, 0.975)!];
}
