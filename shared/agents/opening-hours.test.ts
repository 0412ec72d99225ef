// When somebody can be reached, on clocks that jump and over midnight.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isOpen, openingHours } from './opening-hours.ts';

const hours = openingHours.parse({
  time_zone: 'Europe/Berlin',
  open: { 'mon-thu': ['09:00-12:00', '13:00-17:00'], fri: '09:00-12:00', 'sat-sun': '22:00-24:00' },
  closed_on: ['2026-12-24'],
});

describe('opening hours', () => {
  for (const [at, open, why] of [
    ['2026-07-13T07:00:00Z', true, 'the first minute, in summer'],
    ['2026-07-13T06:59:59Z', false, 'a second before it'],
    ['2026-01-12T08:00:00Z', true, 'the first minute, in winter'],
    ['2026-01-12T07:00:00Z', false, 'what would be the first minute in summer'],
    ['2026-07-13T10:30:00Z', false, 'lunch'],
    ['2026-07-13T15:00:00Z', false, 'the minute of closing'],
    ['2026-07-17T11:00:00Z', false, 'a Friday afternoon'],
    ['2026-07-18T21:59:59Z', true, 'the last second before midnight'],
    ['2026-07-19T22:00:00Z', false, 'midnight: Monday over there'],
    ['2026-12-24T10:00:00Z', false, 'a day on which nobody is there'],
  ] as const)
    it(`${open ? 'include' : 'leave out'} ${why}`, () => {
      assert.equal(isOpen(hours, new Date(at)), open);
    });

  it('without a clock of their own go by the one that is given', () => {
    const plain = openingHours.parse({ open: { 'sat-mon': '09:00-10:00' } });
    const at = new Date('2026-07-12T13:30:00Z');
    assert.equal(isOpen(plain, at), false);
    assert.equal(isOpen(plain, at, 'America/New_York'), true);
  });
});
