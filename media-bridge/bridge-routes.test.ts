// Tests of the bridge's WebSocket paths.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseBridgeRoute } from './bridge-routes.ts';

const media = { kind: 'acs-media', callId: 'c-1', token: 'a.b.c' };
for (const [url, route] of [
  ['/media/acs/c-1/a.b.c', media],
  ['/api/realtime-acs/c-1/a.b.c', media],
  ['/api/realtime-acs?call_id=c-1&token=a.b.c', media],
  ['/ws/media/c-1', { kind: 'twilio-media', callId: 'c-1' }],
  ['/media/web/c-1', { kind: 'web-media', callId: 'c-1' }],
  ['/media/web/c-1/more', undefined],
  ['/media/web', undefined],
  ['/ws/events/c-1', { kind: 'events', callId: 'c-1' }],
  ['/ws/events?code=key', { kind: 'events', callId: 'all' }],
  ['/ws/events/..', undefined],
  ['/ws/events/c-1/more', undefined],
  ['/ws/media', undefined],
  ['/media/acs/c-1', undefined],
  ['/media/acs/c-1/a.b.c/more', undefined],
  ['/media/acs/c%2F1/a.b.c', undefined],
  ['//', undefined],
  ['/', undefined],
] as const) {
  it(`takes ${url} for ${route ? route.kind : 'no path of ours'}`, () =>
    assert.deepEqual(parseBridgeRoute(url), route));
}
