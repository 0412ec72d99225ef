// Which requests may have been carried out though they failed, as a table.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { mayBeDone } from './request-fate.ts';

it('what was refused, or never arrived, is not done; all else may be', () => {
  const fates: readonly (readonly [number | undefined, string | undefined, boolean])[] = [
    [400, undefined, false],
    [429, undefined, false],
    [408, undefined, true],
    [500, '20500', true],
    [undefined, 'ECONNREFUSED', false],
    [undefined, 'ENOTFOUND', false],
    [undefined, 'ECONNRESET', true],
    [undefined, undefined, true],
  ];
  for (const [status, code, isOpen] of fates) assert.equal(mayBeDone(status, code), isOpen, `${status} ${code}`);
});
