// Tests of what people call time zones.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findTimeZone } from './time-zone.ts';

const at = new Date('2026-07-15T12:00:00Z');
const hourIn = (timeZone: string) =>
  new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(at);

describe('findTimeZone', () => {
  for (const [said, time] of [
    ['London', '13:00'],
    ['UK', '13:00'],
    ['Berlin time', '14:00'],
    ['the time zone of Germany', '14:00'],
    ['München', '14:00'],
    ['New York', '08:00'],
    ['New York City', '08:00'],
    ['EDT', '08:00'],
    ['EST', '08:00'],
    ['Eastern Standard Time', '08:00'],
    ['Pacific time', '05:00'],
    ['local time in Tokyo', '21:00'],
    ['Mumbai', '17:30'],
    ['Kyiv', '15:00'],
    ["St. John's", '09:30'],
    ['Buenos Aires', '09:00'],
    ['UTC', '12:00'],
    ['GMT', '12:00'],
    ['utc+2', '14:00'],
    ['GMT -05:30', '06:30'],
    ['Europe/Berlin', '14:00'],
    ['europe/kyiv', '15:00'],
    ['America/Argentina/Buenos_Aires', '09:00'],
  ] as const) {
    it(`knows ${said}`, () => assert.equal(hourIn(findTimeZone(said)!), time));
  }

  for (const said of ['Mars', 'Mars/Olympus', 'USA', '', ' ', 'constructor', '__proto__', 'UTC+99', '\u0000', 'time']) {
    it(`guesses nothing of ${JSON.stringify(said)}`, () => assert.equal(findTimeZone(said), undefined));
  }

  it('names only zones that there are', () => {
    for (const word of ['cet', 'ist', 'brt', 'hkt', 'sast', 'nzdt', 'akst', 'hst', 'kst', 'wet', 'eet', 'msk', 'sgt']) {
      assert.match(hourIn(findTimeZone(word)!), /^\d\d:\d\d$/, word);
    }
  });
});
