// Says whether this app can serve as it should: what is wrong with which of its stores, and what waits to be written.
import type { Health } from '../../shared/api.ts';
import type { StoreHealth } from '../../shared/stores/store-health.ts';
import type { RouteHandler } from '../route-handler.ts';

/** Many probes give up after a second: to them a host that waits for a store longer would be gone, and it answers calls without one. */
const checkTimeoutMs = 500;

/** Calls are answered all the same: 503 is for whoever watches. */
export function createHealthHandler(health: StoreHealth): RouteHandler {
  return async () => {
    const report = await health.report(checkTimeoutMs);
    const isWell = Object.values(report.checks).every((state) => state === 'ok');
    const jsonBody: Health = { status: isWell ? 'ok' : 'down', ...report };
    return { status: isWell ? 200 : 503, jsonBody, headers: { 'cache-control': 'no-store' } };
  };
}
