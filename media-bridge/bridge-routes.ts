// Which WebSocket path of the bridge is what: pure, so that every spelling can be tested.
import { type CallId, findCallId } from '../shared/call/call.ts';

export type BridgeRoute =
  | { kind: 'acs-media'; callId: CallId; token: string }
  | { kind: 'twilio-media'; callId: CallId }
  | { kind: 'web-media'; callId: CallId }
  | { kind: 'events'; callId: CallId | 'all' };

/** Undefined: there is no such path. */
export function parseBridgeRoute(url: string): BridgeRoute | undefined {
  if (!URL.canParse(url, 'ws://bridge')) return undefined;
  const { pathname, searchParams } = new URL(url, 'ws://bridge');
  const [first, second, third, fourth, ...more] = pathname.split('/').slice(1);
  if (more.length > 0) return undefined;
  if (first === 'media' && second === 'acs') return acsMedia(third, fourth);
  if (first === 'media' && second === 'web') {
    const callId = findCallId(third ?? '');
    return callId && fourth === undefined ? { kind: 'web-media', callId } : undefined;
  }
  if (first === 'api' && second === 'realtime-acs') {
    return acsMedia(third ?? searchParams.get('call_id') ?? '', fourth ?? searchParams.get('token') ?? '');
  }
  if (first !== 'ws' || fourth !== undefined) return undefined;
  const callId = findCallId(third ?? '');
  if (second === 'media' && callId) return { kind: 'twilio-media', callId };
  if (second === 'events' && third === undefined) return { kind: 'events', callId: 'all' };
  if (second === 'events' && callId) return { kind: 'events', callId };
  return undefined;
}

function acsMedia(id: string | undefined, token: string | undefined): BridgeRoute | undefined {
  const callId = findCallId(id ?? '');
  return callId && token ? { kind: 'acs-media', callId, token } : undefined;
}
