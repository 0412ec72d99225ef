// Tests how long, and how often, media that was lost is asked for again.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatResumption, type MediaResumption, parseResumption, planResumption } from './media-resumption.ts';

const lost: MediaResumption = { lostAt: 1_000, triedAt: 5_000, tries: 2 };
const nobody = { mediaAt: undefined };

describe('media that was lost', () => {
  it('is asked for again until the longest take-over is over, with words at times', () => {
    const tries: [atMs: number, speaks: boolean][] = [];
    let now = 0;
    let before: MediaResumption | undefined;
    for (;;) {
      const plan = planResumption(before, { now, ...nobody });
      if (plan.type === 'give-up') break;
      now += plan.pauseSeconds * 1000;
      tries.push([now, plan.speaks]);
      before = plan.resumption;
    }
    assert.deepEqual(
      tries.map(([atMs]) => atMs / 1000),
      Array.from({ length: 31 }, (_, atSeconds) => atSeconds),
    );
    assert.deepEqual(
      tries.flatMap(([atMs, speaks]) => (speaks ? [atMs / 1000] : [])),
      [0, 4, 8, 12, 16, 20, 24, 28],
    );
  });

  it('is lost anew when a bridge had it meanwhile', () => {
    const plan = planResumption(lost, { now: 40_000, mediaAt: 5_500 });
    assert.partialDeepStrictEqual(plan, { type: 'try', pauseSeconds: 0, speaks: true });
  });

  it('is lost anew when no try could have taken so long, though nobody can tell of a bridge', () => {
    assert.equal(planResumption(lost, { now: 65_001, ...nobody }).type, 'try');
  });

  it('is given up when only the bridge before had it', () => {
    assert.deepEqual(planResumption(lost, { now: 31_000, mediaAt: 900 }), { type: 'give-up' });
  });

  for (const [clock, mediaAt] of [
    ['fast', 240_000],
    ['slow', 1],
  ] as const)
    it(`knows by a bridge with a ${clock} clock whether that one is another one`, () => {
      const before = { ...lost, mediaAt };
      assert.deepEqual(planResumption(before, { now: 31_000, mediaAt }), { type: 'give-up' });
      assert.equal(planResumption(before, { now: 31_000, mediaAt: mediaAt + 7_000 }).type, 'try');
    });
});

it('what one try tells the next is read as it was written, and nothing else is', () => {
  for (const known of [lost, { ...lost, mediaAt: 900 }])
    assert.deepEqual(parseResumption(formatResumption(known)), known);
  for (const text of [null, '', '1-2', '1-2-3-4-5', 'a-b-c', '1-2-99999'])
    assert.equal(parseResumption(text), undefined, String(text));
});
