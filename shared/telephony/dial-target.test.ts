// Who can be told from what a client gives as the target of a call, and whom an operator allows.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findResourceAccount, formatResourceAccount, isAllowedIdentifier, parseDialTarget } from './dial-target.ts';

const a = '00000000-0000-4000-8000-00000000000a';
const b = '00000000-0000-4000-8000-00000000000b';

describe('a target', () => {
  const known: readonly [given: string, kind: string, name: string][] = [
    ['+1 (555) 010-0123', 'phone', '+15550100123'],
    [`8:orgid:${a}`, 'teams', `8:orgid:${a}`],
    [`8:ORGID:${a.toUpperCase()}`, 'teams', `8:orgid:${a}`],
    [`28:orgid:${a}`, 'teams', `28:orgid:${a}`],
    [`28:gcch:${a}`, 'teams', `28:gcch:${a}`],
    [`8:acs:${a}_${b}`, 'acs', `8:acs:${a}_${b}`],
    [`8:acs:${a}_${b}_${a}`, 'acs', `8:acs:${a}_${b}_${a}`],
  ];
  for (const [given, kind, name] of known)
    it(`is ${given}`, () => {
      const target = parseDialTarget(given);
      assert.deepEqual([target.kind, target.name], [kind, name]);
    });

  for (const given of [
    '8:orgid:',
    '8:orgid:*',
    `8:orgid:${a}\n`,
    `8:orgid:${a}${a}`,
    `8:orgid:${a},8:orgid:${b}`,
    `8:teamsvisitor:${a}`,
    `8:acs:${a}`,
    `8:acs:${a}_${b}_${a}_${b}`,
    '28:bot',
    `4:+15550100`,
    `48:orgid:${a}`,
    { rawId: `8:orgid:${a}` },
  ])
    it(`is not ${JSON.stringify(given)}`, () => {
      assert.throws(() => parseDialTarget(given), { code: 'BAD_NUMBER' });
    });
});

it('may be called if it or its kind is named', () => {
  assert.equal(isAllowedIdentifier(`8:orgid:${a}`, [`8:orgid:${a}`]), true);
  assert.equal(isAllowedIdentifier(`8:orgid:${b}`, [`8:orgid:${a}`]), false);
  assert.equal(isAllowedIdentifier(`8:orgid:${b}`, ['8:orgid:*']), true);
  assert.equal(isAllowedIdentifier(`28:orgid:${b}`, ['8:orgid:*']), false);
  assert.equal(isAllowedIdentifier(`8:orgid:${b}`, []), false);
});

it('names a resource account as ACS does, and finds it again', () => {
  assert.equal(findResourceAccount(formatResourceAccount(a.toUpperCase())), a);
  assert.equal(findResourceAccount('+15550100'), undefined);
});
