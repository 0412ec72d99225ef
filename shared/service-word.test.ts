// Which words of other services are taken for codes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatServiceCode, formatServiceCodes, formatServiceWord } from './service-word.ts';

describe('a word of another service', () => {
  for (const word of [
    'rate_limit_exceeded',
    'ECONNREFUSED',
    '8523',
    'Microsoft.Communication.CallConnected',
    'gpt-4o-2024',
    'PCM',
  ])
    it(`is written: ${word}`, () => assert.equal(formatServiceWord(word), word));

  for (const text of [
    '',
    'the caller said hello',
    '15550142',
    '+15550142',
    'sk-proj-12345',
    'wss://bridge/x?y',
    'a'.repeat(65),
    'a\nb',
    'ünder',
  ])
    it(`is hidden where it is none: ${JSON.stringify(text.slice(0, 30))}`, () => {
      assert.equal(formatServiceWord(text), '[hidden]');
    });
});

it('is a code too where it is a number that is nobody’s', () => {
  assert.deepEqual([21220, 560000, 0, 'busy'].map(formatServiceCode), [21220, 560000, 0, 'busy']);
  assert.deepEqual([15550142, -1, 1.5, '15550142'].map(formatServiceCode), Array(4).fill('[hidden]'));
});

it('shows codes that are given together, and none that may be a number of somebody', () => {
  assert.equal(formatServiceCodes('200/540000'), '200/540000');
  assert.equal(formatServiceCodes('486'), '486');
  assert.equal(formatServiceCodes('CARRIER_REFUSED'), 'CARRIER_REFUSED');
  assert.equal(formatServiceCodes('15550163801/7'), '[hidden]/7');
  assert.equal(formatServiceCodes('what somebody says'), '[hidden]');
});
