// Tests that time spans mean what they mean to .NET.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseTimeSpan } from './time-span.ts';

describe('a time span of .NET', () => {
  for (const [text, ms] of [
    ['365', 365 * 86_400_000],
    ['10675199', 10_675_199 * 86_400_000],
    ['-1', -86_400_000],
    ['00:05:00', 300_000],
    ['2:30', 9_000_000],
    ['1.02:03:04.5', 93_784_500],
    ['6:12:14:45', 562_485_000],
    [' 00:00:01 ', 1000],
  ] as const) {
    it(`is read from "${text}"`, () => assert.equal(parseTimeSpan(text), ms));
  }

  for (const text of ['31536000', '10675200', '24:00', '00:60', '00:00:60', '5 minutes', 'P1D', '', '-', '1:2:3:4:5']) {
    it(`is not read from "${text}"`, () => assert.equal(parseTimeSpan(text), undefined));
  }
});
