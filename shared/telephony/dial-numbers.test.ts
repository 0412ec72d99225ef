// Which numbers the dial guard takes for one, and in which countries and networks they may be.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { createTestGuard } from './testing/test-dial-guard.ts';

beforeEach(() => mock.timers.enable({ apis: ['Date'], now: 0 }));
afterEach(() => mock.timers.reset());

describe('the number', () => {
  for (const [given, number] of [
    ['+15550100', '+15550100'],
    ['+1 (555) 010-0123', '+15550100123'],
    ['+1-202-555-0123', '+12025550123'],
    [' +44 20 7946 0018 ', '+442079460018'],
    ['+44 (0)20 7946 0018', '+442079460018'],
    ['+447700900123', '+447700900123'],
    ['+18005550123', '+18005550123'],
  ] as const)
    it(`may be ${given}`, async () => {
      assert.deepEqual(await createTestGuard().check(given), { number });
    });

  for (const bad of [
    '',
    '+',
    '15550100',
    '0015550100',
    '911',
    '+911',
    '+1911',
    '+112',
    '+44999',
    '+1 234',
    '+12025550123;ext=5',
    '+12025550123 x5',
    '+12025550123,,5',
    'tel:+12025550123',
    'sip:+12025550123@example.org',
    '4:+12025550123',
    '8:acs:e2f1',
    '+١٢٠٢٥٥٥٠١٢٣',
    '＋12025550123',
    '+1\u00a02025550123',
    '+1\n2025550123',
    '+12025550123+12025550124',
    '+19001234567',
    `+1202555${'0'.repeat(40)}`,
    null,
    undefined,
    12025550123,
    ['+12025550123'],
    { toString: () => '+12025550123' },
  ])
    it(`may not be ${JSON.stringify(bad) ?? 'absent'}`, async () => {
      await assert.rejects(createTestGuard().check(bad), { code: 'BAD_NUMBER' });
    });
});

describe('the place', () => {
  it('is nowhere when no prefix is allowed', async () => {
    const { check } = createTestGuard({ DIAL_ALLOWED_PREFIXES: '' });
    await assert.rejects(check('+15550100'), { code: 'DIAL_NOT_ALLOWED', message: /DIAL_ALLOWED_PREFIXES/ });
  });

  it('is where an allowed prefix says, by the whole of the prefix', async () => {
    const { check } = createTestGuard({ DIAL_ALLOWED_PREFIXES: '+4420' });
    await check('+442079460018');
    await assert.rejects(check('+441134960000'), { code: 'DIAL_NOT_ALLOWED' });
    await assert.rejects(check('+12025550123'), { code: 'DIAL_NOT_ALLOWED' });
  });

  it('is not the Caribbean when only +1 is allowed', async () => {
    await assert.rejects(createTestGuard().check('+18765551234'), {
      code: 'DIAL_NOT_ALLOWED',
      message: /JM.*area code/,
    });
    await createTestGuard().check('+17875550123');
    await createTestGuard({ DIAL_ALLOWED_PREFIXES: '+1,+1876' }).check('+18765551234');
  });

  // The short prefix means the country that most have in mind.
  for (const [prefix, meant, others] of [
    ['+1', ['+12025550123', '+16045550123', '+17875550123'], ['+18765551234', '+18095551234', '+12423456789']],
    ['+44', ['+442079460018', '+447400123456'], ['+441534496000', '+447797712345', '+447781123456', '+447457600000']],
    ['+447', ['+447400123456'], ['+447797712345', '+447781123456', '+447457600000']],
    ['+7', ['+79161234567'], ['+77012345678', '+77172123456']],
    ['+77', [], ['+77012345678']],
    ['+39', ['+390612345678'], ['+390669812345']],
    ['+47', ['+4722123456'], ['+4779123456']],
    ['+358', ['+358912345678'], ['+35818612345']],
  ] as const) {
    it(`is one country where ${prefix} is that of several`, async () => {
      const { check } = createTestGuard({ DIAL_ALLOWED_PREFIXES: prefix });
      for (const number of meant) await check(number);
      for (const number of others)
        await assert.rejects(check(number), { code: 'DIAL_NOT_ALLOWED', message: /DIAL_ALLOWED_REGIONS/ }, number);
    });
  }

  it('is a country that is named, by whatever prefix it has', async () => {
    const { check } = createTestGuard({ DIAL_ALLOWED_PREFIXES: '', DIAL_ALLOWED_REGIONS: 'je, KZ,US' });
    for (const number of ['+441534496000', '+447797712345', '+77012345678', '+12025550123', '+15550100'])
      await check(number);
    for (const number of ['+442079460018', '+79161234567', '+16045550123', '+447700900123'])
      await assert.rejects(check(number), { code: 'DIAL_NOT_ALLOWED' }, number);
  });

  it('is what an area code says, whatever country it is in', async () => {
    const { check } = createTestGuard({ DIAL_ALLOWED_PREFIXES: '+441534,+77172' });
    await check('+441534496000');
    await check('+77172123456');
    await assert.rejects(check('+447797712345'), { code: 'DIAL_NOT_ALLOWED' });
  });

  it('is no country that there is not', () => {
    assert.throws(() => createTestGuard({ DIAL_ALLOWED_REGIONS: 'GB,UK' }), {
      code: 'BAD_SETTING',
      message: 'DIAL_ALLOWED_REGIONS: no country has the code UK (ISO 3166: GB, US, JE)',
    });
  });

  for (const [what, number] of [
    ['premium rate', '+12129761234'],
    ['premium rate', '+19002345678'],
    ['premium rate', '+449012345678'],
    ['shared cost', '+448431234567'],
    ['a personal number', '+447012345678'],
    ['a pager', '+447640123456'],
    ['international premium rate', '+979123456789'],
    ['a satellite', '+870773111632'],
  ] as const)
    it(`is not ${what}: ${number}`, async () => {
      const { check } = createTestGuard({ DIAL_ALLOWED_PREFIXES: '+1,+44,+8,+9' });
      await assert.rejects(check(number), { code: 'DIAL_NOT_ALLOWED', message: /costly/ });
    });

  it('is not our own line', async () => {
    const { check } = createTestGuard({ ACS_PHONE_NUMBER: '+15550100', TWILIO_PHONE_NUMBER: '+15550101' });
    await assert.rejects(check('+1 555-0100'), { code: 'DIAL_NOT_ALLOWED' });
    await assert.rejects(check('+15550101'), { code: 'DIAL_NOT_ALLOWED' });
    await check('+15550102');
    const routed = createTestGuard({ AGENT_NUMBERS: '+15550102=receptionist' });
    await assert.rejects(routed.check('+15550102'), { code: 'DIAL_NOT_ALLOWED' });
  });
});
