// Tests of the pursuit of another media socket: when the carrier is asked, for what, and how often.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as soon } from 'node:timers/promises';
import { AppError } from '../../shared/errors.ts';
import { type Logger, silentLogger } from '../../shared/logger.ts';
import { SocketPursuit } from './socket-pursuit.ts';

function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  const asked: string[] = [];
  const warnings: number[] = [];
  const world = { isConnected: false, answer: async (): Promise<boolean> => true };
  const ask = (what: string) => () => {
    asked.push(`${what} at ${nowMs}`);
    return world.answer();
  };
  const pursuit = new SocketPursuit({
    isConnected: () => world.isConnected,
    log: { ...silentLogger, warn: () => warnings.push(nowMs), debug() {} } as unknown as Logger,
    replaceMedia: ask('replace'),
    restartMedia: ask('restart'),
  });
  const pass = async (ms: number) => {
    await soon();
    for (let passed = 0; passed < ms; passed += 500) {
      nowMs += 500;
      t.mock.timers.tick(500);
      await soon();
    }
  };
  return { pursuit, world, asked, warnings, pass };
}

describe('the pursuit of another media socket', () => {
  it('asks at once where the carrier may take the old one for sound, and then for a start as long as there is none', async (t) => {
    const { pursuit, world, asked, pass } = setUp(t);
    pursuit.begin(true);
    await pass(5_000);
    assert.deepEqual(asked, ['replace at 0', 'restart at 1500', 'restart at 4500']);
    world.isConnected = true;
    await pass(5_000);
    assert.equal(asked.length, 3);
    assert.equal(pursuit.isWorthwhile, false);
  });

  it('leaves a carrier that knows of the loss its time', async (t) => {
    const { pursuit, asked, pass } = setUp(t);
    pursuit.begin(false);
    assert.equal(pursuit.isWorthwhile, true);
    await pass(5_000);
    assert.deepEqual(asked, ['restart at 1500', 'restart at 4500']);
    pursuit.close();
    await pass(5_000);
    assert.equal(asked.length, 2);
  });

  it('asks again for the same as long as it is not to be asked from here, and is not worthwhile meanwhile', async (t) => {
    const { pursuit, world, asked, pass } = setUp(t);
    world.answer = async () => false;
    pursuit.begin(true);
    await pass(500);
    assert.equal(pursuit.isWorthwhile, false);
    world.answer = async () => true;
    await pass(500);
    assert.deepEqual(asked, ['replace at 0', 'replace at 500', 'replace at 1000']);
    assert.equal(pursuit.isWorthwhile, true);
  });

  it('is stranded where the carrier does not answer for a second, and not where it refuses', async (t) => {
    const { pursuit, world, pass } = setUp(t);
    const answer = Promise.withResolvers<boolean>();
    world.answer = () => answer.promise;
    pursuit.begin(true);
    await pass(500);
    assert.equal(pursuit.isStranded, false);
    await pass(500);
    assert.equal(pursuit.isStranded, true);
    world.answer = async () => {
      throw new AppError('CARRIER_UNAVAILABLE', 'a timeout');
    };
    answer.reject(new AppError('CARRIER_UNAVAILABLE', 'a timeout'));
    await pass(2_000);
    assert.equal(pursuit.isStranded, true, 'it is asked in vain again and again');
    world.answer = async () => {
      throw new AppError('CARRIER_REFUSED', 'not now');
    };
    await pass(2_000);
    assert.equal(pursuit.isStranded, false);
    pursuit.close();
  });

  it('is put off where the carrier does not answer or refuses, until it takes a request or has no such call', async (t) => {
    const { pursuit, world, warnings, pass } = setUp(t);
    const isPutOffBy = async (answer: () => Promise<boolean>) => {
      world.answer = answer;
      await pass(3_500);
      return pursuit.isPutOff;
    };
    const failing =
      (code: 'CARRIER_UNREACHABLE' | 'CARRIER_UNAVAILABLE' | 'CARRIER_REFUSED' | 'CALL_GONE') => async () => {
        throw new AppError(code, 'not now');
      };
    pursuit.begin(true);
    assert.equal(await isPutOffBy(failing('CARRIER_UNREACHABLE')), true);
    assert.equal(pursuit.isWorthwhile, false);
    assert.equal(await isPutOffBy(failing('CARRIER_UNREACHABLE')), true);
    assert.equal(warnings.length, 1, 'it is said once');
    assert.equal(await isPutOffBy(failing('CARRIER_UNAVAILABLE')), true);
    assert.equal(pursuit.isWorthwhile, true);
    assert.equal(await isPutOffBy(failing('CARRIER_REFUSED')), true);
    assert.equal(await isPutOffBy(failing('CALL_GONE')), false);
    assert.equal(await isPutOffBy(failing('CARRIER_REFUSED')), true);
    assert.equal(await isPutOffBy(async () => true), false);
    pursuit.close();
  });

  it('asks again where the carrier refuses, one request at a time', async (t) => {
    const { pursuit, world, asked, pass } = setUp(t);
    const refused = Promise.withResolvers<boolean>();
    world.answer = () => refused.promise;
    pursuit.begin(true);
    await pass(4_000);
    assert.equal(asked.length, 1);
    refused.reject(new AppError('CARRIER_REFUSED', 'not now'));
    await pass(2_500);
    assert.deepEqual(asked, ['replace at 0', 'replace at 5500']);
    pursuit.close();
  });
});
