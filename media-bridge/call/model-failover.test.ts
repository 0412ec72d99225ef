// Tests of which model is opened, and which is when that one is lost.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { VoiceModelKind } from '../../shared/call/call.ts';
import { AppError, type ErrorCode } from '../../shared/errors.ts';
import type { VoiceModel } from '../voice-models/voice-model.ts';
import { ModelFailover } from './model-failover.ts';

function createFailover(failures: Partial<Record<VoiceModelKind, ErrorCode>>) {
  const asked: VoiceModelKind[] = [];
  const abort = new AbortController();
  const failover = new ModelFailover({
    kinds: ['gpt-realtime', 'voice-live', 'cascade'],
    signal: abort.signal,
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
    const { failover } = createFailover({});
    assert.equal((await failover.open()).kind, 'gpt-realtime');
  });

  it('goes on to the next when one is throttled or refuses', async () => {
    const { failover, asked } = createFailover({ 'gpt-realtime': 'MODEL_THROTTLED', 'voice-live': 'MODEL_REFUSED' });
    assert.equal((await failover.open()).kind, 'cascade');
    assert.deepEqual(asked, ['gpt-realtime', 'voice-live', 'cascade']);
  });

  it('asks again those that may recover, and not those that refused for good', async () => {
    const { failover, asked } = createFailover({
      'gpt-realtime': 'MODEL_REFUSED',
      'voice-live': 'MODEL_UNAVAILABLE',
      cascade: 'MODEL_REFUSED',
    });
    await assert.rejects(failover.open(), { code: 'MODEL_UNAVAILABLE' });
    assert.deepEqual(asked, ['gpt-realtime', 'voice-live', 'cascade', 'voice-live']);
  });

  it('prefers the others after a loss in mid-call, and gives up a model that was lost twice', async () => {
    const { failover } = createFailover({});
    failover.markLost('gpt-realtime', new AppError('MODEL_UNAVAILABLE', 'gone'));
    assert.equal((await failover.open()).kind, 'voice-live');
    failover.markLost('voice-live', undefined);
    assert.equal((await failover.open()).kind, 'cascade');
    failover.markLost('cascade', undefined);
    assert.equal((await failover.open()).kind, 'gpt-realtime');
    failover.markLost('gpt-realtime', undefined);
    assert.equal((await failover.open()).kind, 'voice-live');
  });

  it('opens the same model again when only its session expired', async () => {
    const { failover } = createFailover({});
    failover.markLost('gpt-realtime', new AppError('MODEL_SESSION_EXPIRED', 'an hour is over'));
    assert.equal((await failover.open()).kind, 'gpt-realtime');
  });

  it('asks nobody any more when the call is over', async () => {
    const { failover, asked, abort } = createFailover({ 'gpt-realtime': 'MODEL_UNAVAILABLE' });
    const opening = failover.open();
    abort.abort();
    await assert.rejects(opening);
    assert.deepEqual(asked, ['gpt-realtime']);
  });
});
