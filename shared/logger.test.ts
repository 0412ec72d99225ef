// What the logger writes, and what it keeps to itself.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { AppError } from './errors.ts';
import { createLogger, type Logger } from './logger.ts';

type Line = Record<string, unknown>;

function linesOf(showPii: boolean, write: (log: Logger) => void): Line[] {
  const lines: Line[] = [];
  const destination = { write: (text: string) => void lines.push(JSON.parse(text) as Line) };
  write(createLogger({ level: 'trace', showPii, service: 'test', destination }));
  return lines;
}

function writeEveryDepth(log: Logger): void {
  log.info({ pii: { text: 'private' } }, 'top');
  log.info({ pii: 'private' }, 'bare');
  log.info({ turn: { pii: { text: 'private' } } }, 'below');
  log.info({ a: { b: [{ pii: { text: 'private' } }] } }, 'deep');
  log.child({ callId: 'c1', pii: { phone: 'private' } }).info({}, 'child');
  log
    .child({ callId: 'c1' })
    .child({ call: { pii: 'private' } })
    .info({ pii: { x: 'private' } }, 'grandchild');
  log.error({ error: Object.assign(new Error('failed'), { pii: { text: 'private' } }) }, 'error');
}

it('hides what people said, wherever it is, and writes the rest', () => {
  const lines = linesOf(false, writeEveryDepth);
  assert.deepEqual(
    lines.map(({ message }) => message),
    ['top', 'bare', 'below', 'deep', 'child', 'grandchild', 'error'],
  );
  assert.doesNotMatch(JSON.stringify(lines), /private/);
  assert.deepEqual([lines[4]!.callId, lines[5]!.callId], ['c1', 'c1']);
  assert.equal(lines[4]!.service, 'test');
});

it('shows it when told to', () => {
  assert.equal(JSON.stringify(linesOf(true, writeEveryDepth)).split('private').length - 1, 7);
});

it('writes one line of JSON to the standard output', () => {
  const module = new URL('./logger.ts', import.meta.url).href;
  const code = `import { createLogger } from '${module}'; createLogger({ level: 'info', showPii: false, service: 's' }).info('m');`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', code], { encoding: 'utf8' });
  const { time, ...line } = JSON.parse(output) as Line;
  assert.equal(typeof time, 'number');
  assert.deepEqual(line, { level: 30, service: 's', message: 'm' });
});

describe('an error in the log', () => {
  const errorOf = (error: unknown, showPii = false) =>
    linesOf(showPii, (log) => log.warn({ error }, 'message'))[0]!.error as Line & { cause: Line; errors: Line[] };

  it('of ours says what is wrong, and one of others only what it is', () => {
    const cause = Object.assign(new TypeError('private\n  at private'), {
      status: 401,
      code: 'E_DENIED',
      body: 'private',
    });
    const error = errorOf(new AppError('CARRIER_REFUSED', 'ours', { cause }));
    assert.deepEqual(
      [error.type, error.code, error.status, error.message],
      ['AppError', 'CARRIER_REFUSED', 502, 'ours'],
    );
    const { stack, ...shown } = error.cause;
    assert.deepEqual(shown, { type: 'TypeError', code: 'E_DENIED', status: 401, pii: '[hidden]' });
    assert.match(String(stack), /^ {4}at .*logger\.test\.ts/);
    assert.doesNotMatch(JSON.stringify(error), /private/);
  });

  it('says all of it where that may be shown', () => {
    const error = errorOf(new AppError('CARRIER_REFUSED', 'ours', { cause: new Error('private') }), true);
    assert.deepEqual(error.cause.pii, { message: 'private' });
  });

  it('is no place for names and codes that are none', () => {
    const error = Object.assign(new Error('x'), { name: 'Robin Doe', code: '+15550142' });
    assert.deepEqual([errorOf(error).type, errorOf(error).code], ['[hidden]', '[hidden]']);
  });

  it('ends where causes do not, and tells of some of many', () => {
    const endless = new Error('private');
    endless.cause = endless;
    assert.doesNotMatch(JSON.stringify(errorOf(endless)), /private/);
    const many = new AggregateError(Array.from({ length: 9 }, () => new RangeError('private')));
    assert.deepEqual(
      errorOf(many).errors.map(({ type }) => type),
      ['RangeError', 'RangeError', 'RangeError'],
    );
  });

  it('under any name, alone or in a child, says no more', () => {
    const lines = linesOf(false, (log) => {
      log.error({ storeError: new Error('private'), reason: { error: new Error('private') } }, 'message');
      log.error(new Error('private'));
      log.child({ error: new Error('private') }).error('message');
    });
    assert.doesNotMatch(JSON.stringify(lines), /private/);
    assert.equal(lines[1]!.message, 'an error');
  });
});

it('writes what is no plain value briefly, and ends in what refers to itself', () => {
  const endless: Line = {};
  endless.self = endless;
  const [line] = linesOf(false, (log) => log.info({ at: new Date(0), audio: Buffer.alloc(640), endless }, 'message'));
  assert.deepEqual([line!.at, line!.audio], ['1970-01-01T00:00:00.000Z', '[640 bytes]']);
  assert.match(JSON.stringify(line!.endless), /too deep/);
});
