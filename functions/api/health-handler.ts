// Says whether this app can serve as it should: what is wrong with which of its stores, and what waits to be written.
import type { Health } from '../../shared/api.ts';
import type { StoreHealth } from '../../shared/stores/store-health.ts';
import type { RouteHandler } from '../route-handler.ts';

/** Probes give up after some five seconds: an answer must come before. */
const checkTimeoutMs = 2000;

/** Calls are answered all the same: 503 is for whoever watches. */
export function createHealthHandler(health: StoreHealth): RouteHandler {
  return async () => {
    const report = await health.report(checkTimeoutMs);
    const isWell = Object.values(report.checks).every((state) => state === 'ok');
    const jsonBody: Health = { status: isWell ? 'ok' : 'down', ...report };
    return { status: isWell ? 200 : 503, jsonBody, headers: { 'cache-control': 'no-store' } };
  };
}
