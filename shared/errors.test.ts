// Tests that the catalogue words every error, and that callers say only what it does not know.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError, type ErrorCode, errorCatalogue } from './errors.ts';

describe('an AppError', () => {
  it('has the status, the wording and the hope of its code', () => {
    const { message, status, retryable } = new AppError('CARRIER_UNAVAILABLE', {
      carrier: 'ACS',
      action: 'hang up',
      answer: '503',
    });
    assert.deepEqual([message, status, retryable], ['ACS could not hang up now (503)', 502, true]);
  });

  it('needs no more than its code where the catalogue says all', () => {
    assert.equal(new AppError('CALL_ENDED').message, 'the call is over');
  });

  it('takes a sentence where there is more to say, and keeps braces that are in it', () => {
    assert.equal(new AppError('BAD_REQUEST', 'context: {a} is wrong').message, 'context: {a} is wrong');
  });

  it('puts a field in as it is', () => {
    assert.equal(
      new AppError('UNKNOWN_AGENT', { agent: '{agent} $& "x"' }).message,
      'there is no agent "{agent} $& "x""',
    );
  });

  it('keeps its cause', () => {
    const cause = new Error('below');
    assert.equal(new AppError('BODY_TOO_LARGE', { limitBytes: 10 }, { cause }).cause, cause);
  });
});

describe('the catalogue', () => {
  it('has a wording for every code, and an HTTP status that is an error', () => {
    for (const code of Object.keys(errorCatalogue) as ErrorCode[]) {
      const { template, status } = errorCatalogue[code];
      assert.match(template, /\S/, code);
      assert.ok(status >= 400 && status < 600, code);
    }
  });
});
