// Whether the bridge is where carriers open their media sockets, takes calls, and lets WebSockets through to itself.

import { absent, type Check, doubt, ok, problem } from '../check.ts';
import { upgrade } from '../upgrade.ts';

export const bridgeAddress: Check = {
  name: 'BRIDGE_URL',
  parts: ['functions', 'bridge'],
  async examine({ config }, signal) {
    const { BRIDGE_URL: url } = config;
    if (url === undefined) return absent('BRIDGE_URL is not set');
    const ready = await fetch(`${url.replace(/^ws/, 'http')}/readyz`, { redirect: 'manual', signal });
    await ready.body?.cancel();
    // With a token that nobody gave: the bridge itself says no to it, and nothing else says so in this way.
    const status = await upgrade(`${url}/media/acs/doctor/no-token`, {}, signal);
    if (status !== 401)
      return problem(
        `a WebSocket to ${url} is answered with ${status}`,
        'Something before the bridge, or in its place, takes the upgrade: the ingress must pass on WebSockets (transport http).',
      );
    if (ready.status === 200) return ok(`${url} is ready, and WebSockets reach it`);
    if (ready.status === 503)
      return doubt(
        'no bridge takes calls now: full, or about to stop',
        'Look at MAX_CALLS and the number of replicas.',
      );
    return problem(
      `/readyz is answered with ${ready.status}`,
      'BRIDGE_URL must be the bridge’s address alone, without a path.',
    );
  },
};
