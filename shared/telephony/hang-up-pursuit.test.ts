// Tests that a hang-up is asked for until the carrier takes it, and how long.
import '../../simulator/virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError, type ErrorCode } from '../errors.ts';
import { pursueHangUp } from './hang-up-pursuit.ts';

function createCarrier(...answers: (ErrorCode | undefined)[]) {
  const asked: number[] = [];
  const hangUp = async () => {
    asked.push(performance.now());
    const code = answers.length > 1 ? answers.shift() : answers[0];
    if (code) throw new AppError(code, 'told to fail');
  };
  return { asked, hangUp };
}

describe('a hang-up', () => {
  it('is asked for once when the carrier takes it', async () => {
    const carrier = createCarrier(undefined);
    assert.equal(await pursueHangUp(carrier, { limitMs: 1000 }), 'taken');
    assert.equal(carrier.asked.length, 1);
  });

  it('is asked for until the carrier takes it, or says that the call is gone', async () => {
    const failures: string[] = [];
    const onFailure = ({ code }: AppError) => failures.push(code);
    const carrier = createCarrier('CARRIER_UNAVAILABLE', 'CARRIER_UNAVAILABLE', 'CALL_GONE');
    assert.equal(await pursueHangUp(carrier, { limitMs: 10_000, onFailure }), 'gone');
    assert.equal(carrier.asked.length, 3);
    assert.deepEqual(failures, ['CARRIER_UNAVAILABLE', 'CARRIER_UNAVAILABLE']);
  });

  it('is left to others after its time, with what the carrier said last', async () => {
    const carrier = createCarrier('CARRIER_UNAVAILABLE');
    const startedMs = performance.now();
    await assert.rejects(pursueHangUp(carrier, { limitMs: 15_000 }), { code: 'CARRIER_UNAVAILABLE' });
    const tookMs = performance.now() - startedMs;
    assert.ok(tookMs > 10_000 && tookMs <= 15_000, `${tookMs} ms`);
    assert.ok(carrier.asked.length >= 6, `${carrier.asked.length} requests`);
  });

  it('is left to others after its time also by a carrier that does not answer', async () => {
    const startedMs = performance.now();
    const hangUp = () => new Promise<never>(() => {});
    await assert.rejects(pursueHangUp({ hangUp }, { limitMs: 4_000 }), {
      code: 'CARRIER_UNREACHABLE',
      retryable: true,
    });
    assert.equal(Math.round(performance.now() - startedMs), 4_000);
  });

  it('that the carrier refuses is asked for until the reconciler looks: somebody sits in a dead line', async () => {
    const carrier = createCarrier('CARRIER_REFUSED', undefined);
    assert.equal(await pursueHangUp(carrier, { limitMs: 15_000 }), 'taken');
    const firm = createCarrier('CARRIER_REFUSED');
    const startedMs = performance.now();
    await assert.rejects(pursueHangUp(firm, { limitMs: 90_000 }), { code: 'CARRIER_REFUSED' });
    const tookMs = performance.now() - startedMs;
    assert.ok(tookMs > 30_000 && tookMs < 35_000, `${tookMs} ms`);
  });
});
