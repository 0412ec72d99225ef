// Times on walls, also on days on which clocks jump.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readLocalTime } from './local-time.ts';

for (const [text, zone, at] of [
  ['2026-11-30T15:30', 'UTC', '2026-11-30T15:30:00.000Z'],
  ['2026-07-01T09:00', 'Europe/Berlin', '2026-07-01T07:00:00.000Z'],
  ['2026-01-01T00:30', 'Asia/Calcutta', '2025-12-31T19:00:00.000Z'],
  ['2026-03-29T01:59', 'Europe/Berlin', '2026-03-29T00:59:00.000Z'],
  ['2026-03-29T02:30', 'Europe/Berlin', undefined],
  ['2026-03-29T03:00', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
  ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
  ['2026-02-29T12:00', 'Europe/Berlin', undefined],
  ['2026-11-30T24:30', 'UTC', undefined],
] as const)
  it(`${text} in ${zone} is ${at ?? 'no time at all'}`, () => {
    const read = readLocalTime(text, zone);
    assert.equal(read === undefined ? undefined : new Date(read).toISOString(), at);
  });
