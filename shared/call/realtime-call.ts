// How a page that talks with a realtime service by WebRTC tells the bridge of its session there.

/** A WebSocket protocol that the page offers beside its ticket: no address holds the name, and no log. */
const prefix = 'parley.webrtc.';
const pattern = /^rtc_[\w-]{1,128}$/;

export function formatRealtimeCall(realtimeCallId: string): string {
  return prefix + realtimeCallId;
}

/** Of the protocols of a header or a page. Undefined also where it is no such name. */
export function findRealtimeCall(protocols: readonly string[]): string | undefined {
  const name = protocols.find((offered) => offered.startsWith(prefix))?.slice(prefix.length);
  return name !== undefined && pattern.test(name) ? name : undefined;
}

/** Where the service answers an offer it tells the name as the end of a path. */
export function findRealtimeCallId(location: string | null): string | undefined {
  const name = location?.split(/[?#]/, 1)[0]?.split('/').at(-1);
  return name !== undefined && pattern.test(name) ? name : undefined;
}
