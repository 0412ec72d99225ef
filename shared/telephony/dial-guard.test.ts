// Whom the dial guard lets through who has no number, at which hours and how often, and what it says.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { readConfig } from '../config.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { silentLogger } from '../logger.ts';
import { MemoryDialCounts } from '../stores/memory-dial-counts.ts';
import { DialGuard } from './dial-guard.ts';
import { keepDialPlace } from './dial-places.ts';
import { createTestGuard } from './testing/test-dial-guard.ts';

beforeEach(() => mock.timers.enable({ apis: ['Date'], now: 0 }));
afterEach(() => mock.timers.reset());

describe('who has no number', () => {
  const user = '8:orgid:00000000-0000-4000-8000-00000000000a';
  const colleague = '8:orgid:00000000-0000-4000-8000-00000000000b';

  it('is called if the operator named them, whatever prefixes are allowed, and at any hour', async () => {
    const { check } = createTestGuard({ DIAL_ALLOWED_IDENTIFIERS: `${user}, 28:orgid:*`, DIAL_QUIET_HOURS: '0-23' });
    assert.deepEqual(await check(user.toUpperCase()), { number: user });
    await check('28:orgid:00000000-0000-4000-8000-00000000000c');
    await assert.rejects(check(colleague), { code: 'DIAL_NOT_ALLOWED', message: /DIAL_ALLOWED_IDENTIFIERS/ });
    await assert.rejects(createTestGuard().check(user), { code: 'DIAL_NOT_ALLOWED' });
  });

  it('counts as a number does', async () => {
    const settings = { DIAL_ALLOWED_IDENTIFIERS: '8:orgid:*', DIAL_MAX_PER_NUMBER_PER_DAY: '1' };
    const { check } = createTestGuard(settings);
    await check(user);
    await assert.rejects(check(user), { code: 'DIAL_CAP_REACHED' });
    await check(colleague);
  });

  it('is nobody that a transfer may be to', async () => {
    const { guard } = createTestGuard({ DIAL_ALLOWED_IDENTIFIERS: '8:orgid:*' });
    await assert.rejects(guard.permitTransfer(user), { code: 'BAD_NUMBER' });
  });
});

describe('the hour', () => {
  const at = new Date('2026-01-15T23:00:00Z');

  it('is refused where it is night', async () => {
    const { guard } = createTestGuard({ DIAL_QUIET_HOURS: '21-8' });
    const refusal = { code: 'DIAL_NOT_ALLOWED', message: /DIAL_QUIET_HOURS/ };
    await assert.rejects(guard.decide({ to: '+442079460018', orderId: 'one', at }), refusal);
    await guard.decide({ to: '+12025550123', orderId: 'two', at });
  });

  it('wakes nobody at a number for documentation, nor by a transfer', async () => {
    const { guard } = createTestGuard({ DIAL_QUIET_HOURS: '21-8' });
    await guard.decide({ to: '+447700900123', orderId: 'one', at });
    const always = createTestGuard({ DIAL_QUIET_HOURS: '0-23' });
    await always.guard.permitTransfer('+442079460018');
  });
});

describe('the caps', () => {
  const reached = (setting: string) => ({ code: 'DIAL_CAP_REACHED', message: new RegExp(setting), retryable: true });

  it('count a number however it is written, for a day', async () => {
    const { check, pass } = createTestGuard({ DIAL_MAX_PER_NUMBER_PER_DAY: '2' });
    await check('+15550100');
    await check('+1 555 0100');
    await assert.rejects(check('+1-5550100'), reached('DIAL_MAX_PER_NUMBER_PER_DAY'));
    await check('+15550101');
    pass(24 * 3_600_000);
    await check('+15550100');
  });

  it('count all numbers for an hour', async () => {
    const { check, pass } = createTestGuard({ DIAL_MAX_PER_HOUR: '2' });
    await check('+15550100');
    await check('+15550101');
    await assert.rejects(check('+15550102'), reached('DIAL_MAX_PER_HOUR'));
    pass(3_600_000);
    await check('+15550102');
  });

  it('count transfers in the hour, but not by number', async () => {
    const { guard } = createTestGuard({
      DIAL_MAX_PER_HOUR: '3',
      DIAL_MAX_PER_NUMBER_PER_DAY: '1',
      DIAL_MAX_PARALLEL: '1',
    });
    const permits = [];
    for (let i = 0; i < 3; i++) permits.push(await guard.permitTransfer('+15550100'));
    await assert.rejects(guard.permitTransfer('+15550100'), reached('DIAL_MAX_PER_HOUR'));
    await permits[0]!.giveBack();
    await guard.permitTransfer('+15550100');
  });

  it('allow so many calls at once', async () => {
    const { check, over } = createTestGuard({ DIAL_MAX_PARALLEL: '2', DIAL_MAX_PER_NUMBER_PER_DAY: '2' });
    await check('+15550100', 'one');
    await check('+15550101', 'two');
    await assert.rejects(check('+15550102'), reached('DIAL_MAX_PARALLEL'));
    over.add('two');
    await check('+15550102');
    await assert.rejects(check('+15550103'), reached('DIAL_MAX_PARALLEL'));
  });

  it('take a call for live that nobody can be asked about', async () => {
    const counts = new MemoryDialCounts();
    const settings = readConfig({ DIAL_ALLOWED_PREFIXES: '+1', DIAL_MAX_PARALLEL: '1' });
    const isOver = () => Promise.reject(new AppError('STORE_UNAVAILABLE', 'told to be away'));
    const guard = new DialGuard({ settings, counts, log: silentLogger, isOver });
    await guard.decide({ to: '+15550100', orderId: 'one' });
    await assert.rejects(guard.decide({ to: '+15550101', orderId: 'two' }), reached('DIAL_MAX_PARALLEL'));
  });

  it('let a hundred orders at once dial exactly as many as there are places', async () => {
    const { check, counts } = createTestGuard({ DIAL_MAX_PARALLEL: '2', DIAL_MAX_PER_HOUR: '100' });
    const orders = await Promise.allSettled(Array.from({ length: 100 }, (_, i) => check(`+1555${1000 + i}`)));
    assert.equal(orders.filter(({ status }) => status === 'fulfilled').length, 2);
    assert.equal((await counts.holders('hour')).length, 2, 'who was refused is counted');
  });

  it('let a call that tells nothing of itself keep its place for minutes, and one that is held for longer', async () => {
    const { check, counts, pass } = createTestGuard({ DIAL_MAX_PARALLEL: '1' });
    await check('+15550100', 'one');
    pass(150_000);
    await assert.rejects(check('+15550101'), reached('DIAL_MAX_PARALLEL'));
    pass(60_000);
    await check('+15550101', 'two');
    const ended = Promise.withResolvers<void>();
    keepDialPlace(counts, 'two', { until: ended.promise, log: silentLogger });
    pass(170_000);
    await assert.rejects(check('+15550102'), reached('DIAL_MAX_PARALLEL'));
    ended.resolve();
  });

  it('are given back by who did not dial', async () => {
    const { guard } = createTestGuard({
      DIAL_MAX_PARALLEL: '1',
      DIAL_MAX_PER_NUMBER_PER_DAY: '1',
      DIAL_MAX_PER_HOUR: '1',
    });
    for (let i = 0; i < 3; i++) {
      const decision = await guard.decide({ to: '+15550100', orderId: 'one' });
      assert.ok(decision.type === 'permitted');
      assert.equal(decision.permit.isFirst, i === 0);
      await decision.permit.giveBack();
      await assert.rejects(decision.permit.confirm(), { code: 'STORE_UNAVAILABLE' });
    }
  });

  it('keep one order for one number', async () => {
    const { guard, check } = createTestGuard();
    await check('+15550100', 'one');
    assert.deepEqual(await guard.decide({ to: '+1 555 0100', orderId: 'one' }), {
      type: 'taken',
      number: '+15550100',
      isDialled: true,
    });
    await assert.rejects(guard.decide({ to: '+15550101', orderId: 'one' }), { code: 'BAD_REQUEST' });
  });

  it('are not used up by numbers that are refused', async () => {
    const { check } = createTestGuard({ DIAL_MAX_PER_HOUR: '1' });
    for (const bad of ['911', '+19002345678', '+8613800138000']) await assert.rejects(check(bad));
    await check('+15550100');
  });

  it('let nobody through when they cannot be counted', async () => {
    const { check, counts } = createTestGuard();
    const claim = counts.claim.bind(counts);
    let wasCounted = false;
    // As a Redis that counts and answers too late.
    counts.claim = async (order, ttlMs) => {
      wasCounted = (await claim(order, ttlMs)).type === 'claimed';
      throw new AppError('STORE_UNAVAILABLE', 'no answer within 400 ms');
    };
    await assert.rejects(check('+15550100'), { code: 'STORE_UNAVAILABLE' });
    assert.ok(wasCounted);
    assert.deepEqual(await counts.holders('hour'), []);
  });
});

it('logs each refusal by its rule, the number below pii, and tells the number to nobody', async () => {
  const lines: unknown[][] = [];
  const log = { ...silentLogger, warn: (...line: unknown[]) => lines.push(line) } as unknown as Logger;
  await assert.rejects(
    createTestGuard({}, log).check('+19002345678'),
    (error: Error) => !error.message.includes('900'),
  );
  const rule = 'premium-rate, shared-cost, satellite and other costly numbers are never dialled';
  assert.deepEqual(lines, [
    [{ code: 'DIAL_NOT_ALLOWED', rule, purpose: 'dial', pii: { number: '+19002345678' } }, 'dialling refused'],
  ]);
});

it('lets through only ordinary E.164 numbers of an allowed prefix, whatever it is given', async () => {
  // A small seeded generator: the same inputs each run.
  let seed = 20261120;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const pick = <Item>(items: readonly Item[]): Item => items[random(items.length)]!;
  const digits = (count: number) => Array.from({ length: count }, () => random(10)).join('');
  const heads = ['+', '+', '+', '+', '', '00', '011', 'tel:', 'tel:+', 'sip:+', '＋', ' +', '++', '4:+', '+0', "+1'"];
  const places = [
    '1',
    '1202',
    '1900',
    '1876',
    '1555',
    '44',
    '4420',
    '449',
    '4470',
    '44870',
    '49',
    '87',
    '979',
    '881',
    '7',
  ];
  const tails = [
    '',
    '',
    '',
    '',
    ' ',
    ';ext=5',
    ' x5',
    ',,911',
    '#',
    '@example.org',
    '\u0000',
    '\n',
    ' or +19002345678',
  ];
  const scripts = ['٠١٢٣٤٥٦٧٨٩', '０１２３４５６７８９', '०१२३४५६७८९'];
  const disguise = (text: string) => {
    switch (random(8)) {
      case 0:
        return text.replace(
          /\d(?=\d{4})/g,
          (digit) => `${digit}${pick([' ', '-', '.', '(', ')', '\u00a0', '\u200b'])}`,
        );
      case 1:
        return text.replace(/\d/g, (digit) => (random(3) === 0 ? pick(scripts).charAt(Number(digit)) : digit));
      default:
        return text;
    }
  };
  const wrap = (text: string): unknown => {
    switch (random(20)) {
      case 0:
        return [text];
      case 1:
        return { toString: () => text, number: text };
      case 2:
        return Number(text);
      default:
        return text;
    }
  };
  const ordinary = new Set<string | undefined>(['FIXED_LINE', 'MOBILE', 'FIXED_LINE_OR_MOBILE', 'VOIP', 'TOLL_FREE']);
  const { check } = createTestGuard({
    DIAL_ALLOWED_PREFIXES: '+1,+4420,+49,+8,+9',
    DIAL_MAX_PER_HOUR: '100000',
    DIAL_MAX_PARALLEL: '100000',
  });
  let passed = 0;
  for (let i = 0; i < 5000; i++) {
    const place = pick(places);
    const rest = random(3) === 0 ? random(12) : (place.startsWith('1') ? 11 : 12) - place.length;
    const to = wrap(disguise(`${random(3) === 0 ? pick(heads) : '+'}${place}${digits(rest)}`) + pick(tails));
    const result = await check(to).catch((error: { code: string }) => error);
    if ('code' in result) {
      assert.ok(['BAD_NUMBER', 'DIAL_NOT_ALLOWED', 'DIAL_CAP_REACHED'].includes(result.code), `${to}: ${result.code}`);
      continue;
    }
    passed++;
    assert.match(result.number, /^\+(1|4420|49|8|9)\d+$/);
    assert.match(result.number, /^\+[1-9]\d{6,14}$/);
    const type = parsePhoneNumberFromString(result.number)?.getType();
    assert.ok(ordinary.has(type) || /^\+1555/.test(result.number), `${result.number} is ${type}`);
  }
  assert.ok(passed > 100, `only ${passed} of 5000 got through: the generator is of no use`);
});
