// Tests of the schemas of client events, and of the errors they turn into.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { checkClientEvent, validateClientEvent } from './client-event-check.ts';
import type { DialectName } from './dialect.ts';

type Examples = Record<DialectName, { accepted: object[]; refused: [code: string, param: string, event: object][] }>;
const examples: Examples = JSON.parse(readFileSync(new URL('./fixtures/client-events.json', import.meta.url), 'utf8'));

for (const dialect of ['realtime-ga', 'voice-live'] as const) {
  describe(`client events of ${dialect}`, () => {
    it('are accepted in every shape that is documented', () => {
      for (const event of examples[dialect].accepted) {
        assert.equal(validateClientEvent(dialect, event), undefined, JSON.stringify(event));
      }
    });

    it('are refused with the code and the field to blame, and the id of the event', () => {
      for (const [code, param, event] of examples[dialect].refused) {
        const check = checkClientEvent(dialect, JSON.stringify({ ...event, event_id: 'evt_9' }));
        assert.ok('error' in check, JSON.stringify(event));
        const { type, event_id } = check.error;
        assert.deepEqual(
          [check.error.code, check.error.param, type, event_id],
          [code, param, 'invalid_request_error', 'evt_9'],
        );
      }
    });
  });
}

describe('a message that is no event', () => {
  it('is refused without a field to blame', () => {
    for (const [text, code] of [
      ['{"type":', 'invalid_json'],
      ['', 'invalid_json'],
      ['[1]', 'invalid_event'],
      ['null', 'invalid_event'],
      ['"session.update"', 'invalid_event'],
    ] as const) {
      const check = checkClientEvent('realtime-ga', text);
      assert.ok('error' in check);
      assert.deepEqual([check.error.code, check.error.param, check.error.event_id], [code, null, null]);
    }
  });
});
