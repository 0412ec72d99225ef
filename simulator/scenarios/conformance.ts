// What every call in a world must have in common: nothing was sent to a cloud that it refuses, ignores or does not understand.
import assert from 'node:assert/strict';
import { validateClientEvent } from '../realtime/client-event-check.ts';
import type { World } from '../world/world.ts';

export function checkConformance({ standIns: { acs, realtime } }: World): void {
  assert.ok(realtime.sessions.length > 0 && acs.calls.length > 0);
  for (const { dialect, log } of realtime.sessions) {
    assert.deepEqual(log.of('(refused)'), []);
    assert.deepEqual(
      log.of('error').map(({ error }) => error),
      [],
    );
    for (const { from, message } of log.events) {
      if (from === 'client') assert.equal(validateClientEvent(dialect, message), undefined, JSON.stringify(message));
    }
  }
  for (const { media } of acs.calls) {
    const { invalidMessages, unknownMessages, ignoredBytes } = media;
    assert.deepEqual(
      { invalidMessages, unknownMessages, ignoredBytes },
      { invalidMessages: 0, unknownMessages: 0, ignoredBytes: 0 },
    );
  }
  const refused = acs.requests.filter(({ operation, status }) => operation === 'unknown' || status >= 300);
  assert.deepEqual(refused, []);
}
