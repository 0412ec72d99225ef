// What the console must know before it can ask anything: where the bridge is and how one signs in. Nothing of it is secret.
import type { RuntimeConfig } from '../../shared/console-api.ts';
import type { RouteHandler } from '../route-handler.ts';

/** Sets `globalThis.parley`: a script and no JSON, so that the page has it before its own code runs, with one request. */
export function createRuntimeConfigHandler(config: RuntimeConfig): RouteHandler {
  const body = `globalThis.parley = Object.freeze(${JSON.stringify(config)});\n`;
  return async () => ({
    body,
    headers: { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-cache' },
  });
}
