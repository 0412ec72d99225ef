// What the realtime services say, in both dialects, and what nobody should say.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { audioAppend, formatResponseCreate, parseRealtimeEvent, readExpiry } from './realtime-messages.ts';

const parse = (event: object) => parseRealtimeEvent(JSON.stringify({ event_id: 'event_1', ...event }));
const place = { response_id: 'resp_1', item_id: 'item_1', output_index: 0, content_index: 0 };

describe('parseRealtimeEvent', () => {
  it('reads the same thing under the names of GA and of the preview', () => {
    for (const type of ['response.output_audio.delta', 'response.audio.delta']) {
      assert.deepEqual(parse({ type, ...place, delta: 'AQI=' }), {
        type: 'audio',
        responseId: 'resp_1',
        itemId: 'item_1',
        contentIndex: 0,
        audio: Buffer.from([1, 2]),
      });
    }
    for (const type of ['response.output_audio_transcript.delta', 'response.audio_transcript.delta']) {
      const words = { type: 'words', responseId: 'resp_1', itemId: 'item_1', delta: ' day' };
      assert.deepEqual(parse({ type, ...place, delta: ' day', obfuscation: 'n3' }), words);
    }
    for (const type of ['conversation.item.added', 'conversation.item.created']) {
      const item = { id: 'item_1', type: 'message', role: 'user', content: [] };
      assert.deepEqual(parse({ type, previous_item_id: null, item }), { type: 'item-added', itemId: 'item_1' });
    }
  });

  it('tells why a response ended as it did', () => {
    for (const [status, details, code] of [
      ['completed', null, undefined],
      ['cancelled', { type: 'cancelled', reason: 'turn_detected' }, 'turn_detected'],
      ['incomplete', { type: 'incomplete', reason: 'max_output_tokens' }, 'max_output_tokens'],
      ['failed', { type: 'failed', error: { type: 'server_error', code: null } }, 'server_error'],
      ['failed', { type: 'failed', error: { type: 'tokens', code: 'rate_limit_exceeded' } }, 'rate_limit_exceeded'],
    ] as const) {
      const response = { object: 'realtime.response', id: 'resp_1', status, status_details: details, output: [] };
      const expected = { type: 'response-done', responseId: 'resp_1', status, code, audioMs: 0 };
      assert.deepEqual(parse({ type: 'response.done', response }), expected);
    }
  });

  it('reads how much sound was made of a response, as far as the service tells', () => {
    for (const [usage, audioMs] of [
      [{ output_token_details: { text_tokens: 9, audio_tokens: 41 } }, 2_050],
      [{ output_token_details: { audio_tokens: 'many' } }, 0],
      [null, 0],
    ] as const) {
      const response = { id: 'resp_1', status: 'completed', usage };
      assert.deepEqual(parse({ type: 'response.done', response }), {
        type: 'response-done',
        responseId: 'resp_1',
        status: 'completed',
        code: undefined,
        audioMs,
      });
    }
  });

  it('reads when a service plays its replies itself', () => {
    for (const state of ['started', 'stopped', 'cleared'] as const)
      assert.deepEqual(parse({ type: `output_audio_buffer.${state}`, response_id: 'resp_1' }), {
        type: 'playout',
        responseId: 'resp_1',
        state,
      });
  });

  it('reads errors with and without their parts', () => {
    const full = {
      type: 'invalid_request_error',
      code: 'invalid_value',
      message: 'No.',
      param: null,
      event_id: 'ask_1',
    };
    assert.deepEqual(parse({ type: 'error', error: full }), {
      type: 'error',
      code: 'invalid_value',
      message: 'No.',
      eventId: 'ask_1',
    });
    assert.deepEqual(parse({ type: 'error', error: { type: 'server_error', code: null, event_id: null } }), {
      type: 'error',
      code: 'server_error',
      message: '',
      eventId: undefined,
    });
  });

  it('tells routine, unknown and malformed apart', () => {
    assert.equal(parse({ type: 'rate_limits.updated', rate_limits: [] }).type, 'routine');
    assert.deepEqual(parse({ type: 'session.weather' }), { type: 'unknown', name: 'session.weather' });
    for (const text of [
      '',
      '{',
      'null',
      '[]',
      '{"type":7}',
      '{"type":"response.created","response":{}}',
      '{"type":"response.done","response":{"id":"resp_1","status":"in_progress"}}',
      '{"type":"response.audio.delta","response_id":"resp_1","delta":"AQI="}',
      '{"type":"error"}',
    ]) {
      assert.deepEqual(parseRealtimeEvent(text), { type: 'malformed' }, text);
    }
  });
});

it('reads when a session ends, if the service tells', () => {
  assert.equal(readExpiry({ expires_at: 1784668572 }), 1784668572000);
  for (const session of [{}, { expires_at: 0 }, { expires_at: null }]) assert.equal(readExpiry(session), undefined);
});

it('writes what the service can read', () => {
  assert.deepEqual(JSON.parse(`${audioAppend.before}/w==${audioAppend.after}`), {
    type: 'input_audio_buffer.append',
    audio: '/w==',
  });
  assert.equal(formatResponseCreate('ask_1', undefined), '{"type":"response.create","event_id":"ask_1"}');
});
