// Tests of intervals and quantiles against values from tables.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SeededRandom } from '../../virtual-time/seeded-random.ts';
import { bootstrap, mean, quantile, wilson } from './confidence.ts';

it('has the intervals of Wilson that tables have', () => {
  const show = (of: number, hits: number) => wilson({ of, hits }).map((bound) => bound.toFixed(4));
  assert.deepEqual(show(10, 5), ['0.2366', '0.7634']);
  assert.deepEqual(show(100, 95), ['0.8882', '0.9785']);
  assert.deepEqual(show(100, 100), ['0.9630', '1.0000']);
  assert.deepEqual(show(0, 0), ['0.0000', '1.0000']);
});

it('finds quantiles between the two nearest values', () => {
  assert.equal(quantile([4, 1, 3, 2], 0.5), 2.5);
  assert.equal(quantile([10], 0.95), 10);
  assert.equal(quantile([0, 100], 0.95), 95);
  assert.equal(quantile([], 0.5), undefined);
});

it('finds an interval by resampling that has the mean in it, the same for the same seed', () => {
  const values = Array.from({ length: 100 }, (_, n) => n);
  const find = () => {
    const random = new SeededRandom(7);
    return bootstrap(values, mean, () => random.fraction())!;
  };
  const [low, high] = find();
  assert.ok(low > 42 && low < 46 && high > 53 && high < 57, `${low} ${high}`);
  assert.deepEqual(find(), [low, high]);
  assert.equal(
    bootstrap([], mean, () => 0),
    undefined,
  );
});
