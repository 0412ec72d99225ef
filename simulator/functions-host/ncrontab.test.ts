// Tests that a timer's schedule means what it means to Azure's host.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseNcrontab } from './ncrontab.ts';

const list = (text: string, after: string, count: number) => {
  const schedule = parseNcrontab(text);
  const found: string[] = [];
  let atMs: number | undefined = Date.parse(after);
  while (found.length < count && atMs !== undefined) {
    atMs = schedule?.next(atMs);
    if (atMs !== undefined) found.push(new Date(atMs).toISOString().replace('.000Z', 'Z'));
  }
  return found;
};

describe('a schedule', () => {
  for (const [text, after, expected] of [
    ['*/30 * * * * *', '2027-02-01T15:00:10Z', ['2027-02-01T15:00:30Z', '2027-02-01T15:01:00Z']],
    ['*/30 * * * * *', '2027-02-01T15:00:30Z', ['2027-02-01T15:01:00Z']],
    ['0 */5 * * * *', '2027-12-31T23:57:00Z', ['2028-01-01T00:00:00Z', '2028-01-01T00:05:00Z']],
    ['*/5 * * * *', '2027-02-01T15:01:00Z', ['2027-02-01T15:05:00Z']],
    ['0 30 9 * * Mon-Fri', '2027-02-05T10:00:00Z', ['2027-02-08T09:30:00Z', '2027-02-09T09:30:00Z']],
    ['0 0 0 29 feb *', '2027-02-01T00:00:00Z', ['2028-02-29T00:00:00Z', '2032-02-29T00:00:00Z']],
    ['0 10/20 1,3 * * *', '2027-02-01T00:00:00Z', ['2027-02-01T01:10:00Z', '2027-02-01T01:30:00Z']],
    ['0 0 12 13 * fri', '2027-02-01T00:00:00Z', ['2027-08-13T12:00:00Z']],
    ['0 0 0 30 2 *', '2027-02-01T00:00:00Z', []],
  ] as const) {
    it(`"${text}" comes next after ${after} at ${expected[0] ?? 'no time'}`, () => {
      assert.deepEqual(list(text, after, expected.length || 1), expected);
    });
  }

  for (const text of ['', '00:00:30', '* * * *', '60 * * * * *', '*/0 * * * * *', '5-1 * * * * *', '? * * * * *', 'x'])
    it(`"${text}" is none`, () => assert.equal(parseNcrontab(text), undefined));
});
