// When it is too late to ring somebody, in countries of one zone, of many and of none.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isQuiet, isQuietInCountry } from './quiet-hours.ts';

const night = { from: 21, to: 8 };
const at = (utc: string) => new Date(`2026-01-15T${utc}:00Z`);

describe('quiet hours', () => {
  it('begin with their first hour and end before their last, over midnight or not', () => {
    const hours = (quiet: { from: number; to: number }) => [...Array(24).keys()].filter((hour) => isQuiet(hour, quiet));
    assert.deepEqual(hours(night), [0, 1, 2, 3, 4, 5, 6, 7, 21, 22, 23]);
    assert.deepEqual(hours({ from: 12, to: 14 }), [12, 13]);
  });

  for (const [country, utc, quiet] of [
    ['GB', '07:59', true],
    ['GB', '08:00', false],
    ['GB', '20:59', false],
    ['GB', '21:00', true],
    ['JP', '08:00', false],
    ['JP', '12:00', true],
    // Half an hour beside the others: 21:00 in India is 15:30 UTC.
    ['IN', '15:29', false],
    ['IN', '15:30', true],
    // New York is awake from 13:00 UTC, Honolulu from 18:00; New York goes to bed at 02:00.
    ['US', '17:59', true],
    ['US', '18:00', false],
    ['US', '01:59', false],
    ['US', '02:00', true],
    ['XK', '12:00', false],
    ['XK', '20:00', true],
  ] as const)
    it(`are ${quiet ? '' : 'not '}at ${utc} UTC in ${country}`, () => {
      assert.equal(isQuietInCountry(country, night, [], at(utc)), quiet);
    });

  it('follow summer time', () => {
    assert.equal(isQuietInCountry('DE', night, [], new Date('2026-01-15T06:30:00Z')), true);
    assert.equal(isQuietInCountry('DE', night, [], new Date('2026-07-15T06:30:00Z')), false);
  });

  it('look only at the zones where the callees are known to be', () => {
    assert.equal(isQuietInCountry('US', night, ['America/New_York'], at('13:00')), false);
    assert.equal(isQuietInCountry('US', night, ['America/New_York', 'America/Los_Angeles'], at('13:00')), true);
    assert.equal(isQuietInCountry('US', night, ['America/Indiana/Indianapolis'], at('13:00')), false);
  });

  it('do not let a zone of one country speak for another', () => {
    assert.equal(isQuietInCountry('JP', night, ['America/New_York'], at('13:00')), true);
  });

  it('are always, where there is no clock to look at', () => {
    assert.equal(isQuietInCountry('ZZ', night, [], at('12:00')), true);
  });
});
