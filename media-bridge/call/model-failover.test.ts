// Tests of which model is opened, and which is when that one is lost.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { VoiceModelKind } from '../../shared/call/call.ts';
import { AppError, type ErrorCode } from '../../shared/errors.ts';
import { TestClock } from '../audio/testing/test-clock.ts';
import type { VoiceModel } from '../voice-models/voice-model.ts';
import { ModelFailover, orderModels } from './model-failover.ts';

const gone = new AppError('MODEL_UNAVAILABLE', 'gone');
const expired = new AppError('MODEL_SESSION_EXPIRED', 'its age');
const settled = () => new Promise((resolve) => setImmediate(resolve));

function createFailover(
  failures: Partial<Record<VoiceModelKind, ErrorCode>>,
  kinds: readonly VoiceModelKind[] = ['gpt-realtime', 'voice-live', 'cascade'],
) {
  const asked: VoiceModelKind[] = [];
  const abort = new AbortController();
  const failover = new ModelFailover({
    kinds,
    onFailure: () => {},
    open: async (kind) => {
      asked.push(kind);
      const code = failures[kind];
      if (code) throw new AppError(code, 'refused by the test');
      return { kind, close: () => {} } as VoiceModel;
    },
  });
  return { failover, asked, abort };
}

describe('ModelFailover', () => {
  it('opens the first of the list', async () => {
    const { failover, abort } = createFailover({});
    assert.equal((await failover.open(abort.signal)).kind, 'gpt-realtime');
  });

  it('goes on to the next when one is throttled or refuses', async () => {
    const { failover, asked, abort } = createFailover({
      'gpt-realtime': 'MODEL_THROTTLED',
      'voice-live': 'MODEL_REFUSED',
    });
    assert.equal((await failover.open(abort.signal)).kind, 'cascade');
    assert.deepEqual(asked, ['gpt-realtime', 'voice-live', 'cascade']);
  });

  it('gives up at once when all refuse for good', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const code = 'MODEL_REFUSED';
    const { failover, asked, abort } = createFailover({ 'gpt-realtime': code, 'voice-live': code, cascade: code });
    await assert.rejects(failover.open(abort.signal), { code });
    assert.equal(asked.length, 3);
  });

  it('asks again for some seconds those that may recover, and not those that refused for good', async (t) => {
    const clock = new TestClock(t);
    const startedMs = clock.nowMs;
    const { failover, asked, abort } = createFailover({
      'gpt-realtime': 'MODEL_REFUSED',
      'voice-live': 'MODEL_UNAVAILABLE',
      cascade: 'MODEL_REFUSED',
    });
    const opening = failover.open(abort.signal).catch((error: AppError) => error.code);
    const askedAtMs: number[] = [];
    while (clock.nowMs - startedMs < 10_000) {
      await settled();
      while (askedAtMs.length < asked.length) askedAtMs.push(clock.nowMs - startedMs);
      clock.pass(100);
    }
    assert.equal(await opening, 'MODEL_UNAVAILABLE');
    const again = Array.from({ length: 4 }, () => 'voice-live');
    assert.deepEqual(asked, ['gpt-realtime', 'voice-live', 'cascade', ...again]);
    assert.deepEqual(askedAtMs, [0, 0, 0, 500, 1_500, 3_500, 5_500]);
  });

  it('has the one that is back first, though all were away a moment ago', async (t) => {
    const clock = new TestClock(t);
    const failures: Partial<Record<VoiceModelKind, ErrorCode>> = {
      'gpt-realtime': 'MODEL_UNAVAILABLE',
      'voice-live': 'MODEL_THROTTLED',
      cascade: 'MODEL_UNAVAILABLE',
    };
    const { failover, abort } = createFailover(failures);
    const opening = failover.open(abort.signal);
    for (let passedMs = 0; passedMs < 4_000; passedMs += 100) {
      await settled();
      clock.pass(100);
      if (passedMs === 2_000) delete failures['voice-live'];
    }
    assert.equal((await opening).kind, 'voice-live');
  });

  it('prefers the others after a loss in mid-call', async () => {
    const { failover, abort } = createFailover({});
    failover.markLost('gpt-realtime', gone);
    assert.equal((await failover.open(abort.signal)).kind, 'voice-live');
    failover.markLost('voice-live', undefined);
    assert.equal((await failover.open(abort.signal)).kind, 'cascade');
    failover.markLost('cascade', undefined);
    assert.equal((await failover.open(abort.signal)).kind, 'gpt-realtime');
  });

  it('gives up a model that was lost three times in a row', async (t) => {
    const clock = new TestClock(t);
    const { failover, abort, asked } = createFailover({}, ['cascade']);
    for (let loss = 1; loss <= 3; loss++) {
      const opening = failover.open(abort.signal);
      await settled();
      clock.pass(loss > 2 ? 500 : 0);
      await opening;
      failover.markLost('cascade', gone);
    }
    await assert.rejects(failover.open(abort.signal), { code: 'MODEL_UNAVAILABLE' });
    assert.equal(asked.length, 3);
  });

  it('forgives losses with time: two blips an hour apart end no call that has one model', async (t) => {
    const clock = new TestClock(t);
    const { failover, abort } = createFailover({}, ['cascade']);
    for (let hour = 0; hour < 12; hour++) {
      await failover.open(abort.signal);
      failover.markLost('cascade', gone);
      clock.pass(3_600_000);
    }
    assert.equal((await failover.open(abort.signal)).kind, 'cascade');
  });

  it('opens the same model again, however often, when only its session reached its age', async (t) => {
    const clock = new TestClock(t);
    const { failover, abort } = createFailover({});
    for (let minute = 0; minute < 20; minute++) {
      assert.equal((await failover.open(abort.signal)).kind, 'gpt-realtime');
      clock.pass(60_000);
      failover.markLost('gpt-realtime', expired);
    }
  });

  it('takes a session that expires at once for a loss, and so asks for it no more than three times', async (t) => {
    const clock = new TestClock(t);
    const { failover, abort, asked } = createFailover({}, ['gpt-realtime']);
    for (;;) {
      const opening = failover.open(abort.signal).catch(() => undefined);
      await settled();
      clock.pass(500);
      if (!(await opening)) break;
      clock.pass(59_000 / 10);
      failover.markLost('gpt-realtime', expired);
    }
    assert.equal(asked.length, 3);
  });

  it('asks nobody any more when the call is over', async () => {
    const { failover, asked, abort } = createFailover({ 'gpt-realtime': 'MODEL_UNAVAILABLE' });
    const opening = failover.open(abort.signal);
    abort.abort();
    await assert.rejects(opening);
    assert.deepEqual(asked, ['gpt-realtime']);
  });

  it('closes the model that opens when the call is over', async () => {
    const abort = new AbortController();
    let closed = 0;
    const model = { kind: 'cascade', close: () => closed++ } as unknown as VoiceModel;
    const open = async () => {
      abort.abort();
      return model;
    };
    const failover = new ModelFailover({ kinds: ['cascade'], open, onFailure: () => {} });
    await assert.rejects(failover.open(abort.signal), { name: 'AbortError' });
    assert.equal(closed, 1);
  });
});

const all = ['gpt-realtime', 'voice-live', 'cascade'] as const;
const agent = ['gpt-realtime', 'voice-live'] as const;

describe('the order of voice models', () => {
  it('is that of the agent when nobody else has a wish', () =>
    assert.deepEqual(orderModels({ call: undefined, house: undefined, agent: ['cascade', 'voice-live'] }, all), [
      'cascade',
      'voice-live',
      'gpt-realtime',
    ]));
  it('puts the wish of the house before that of the agent', () =>
    assert.deepEqual(orderModels({ call: undefined, house: 'cascade', agent }, all), [
      'cascade',
      'gpt-realtime',
      'voice-live',
    ]));
  it('puts the wish of the call before both', () =>
    assert.deepEqual(orderModels({ call: 'voice-live', house: 'cascade', agent }, all), [
      'voice-live',
      'cascade',
      'gpt-realtime',
    ]));
  it('leaves out what is not configured here', () =>
    assert.deepEqual(orderModels({ call: 'voice-live', house: undefined, agent }, ['cascade']), ['cascade']));
});
