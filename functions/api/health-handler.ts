// Says whether this app can serve now, and which of the stores it cannot reach.
import type { Health } from '../../shared/api.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Stores } from '../../shared/stores/stores.ts';
import { within } from '../../shared/within.ts';
import type { RouteHandler } from '../route-handler.ts';

/** Probes give up after some five seconds: an answer must come before. */
const checkTimeoutMs = 2000;

export interface HealthHandlerOptions {
  readonly stores: Pick<Stores, 'stream' | 'leases' | 'history'>;
  readonly log: Logger;
}

export function createHealthHandler({ stores, log }: HealthHandlerOptions): RouteHandler {
  const check = async (name: keyof typeof stores): Promise<'ok' | 'down'> => {
    const isTooSlow = () => {
      throw new Error(`no answer in ${checkTimeoutMs} ms`);
    };
    try {
      await within(checkTimeoutMs, () => stores[name].ping(), isTooSlow);
      return 'ok';
    } catch (error) {
      log.warn({ store: name, error }, 'a store cannot be reached');
      return 'down';
    }
  };
  return async () => {
    const [stream, leases, history] = await Promise.all([check('stream'), check('leases'), check('history')]);
    const checks = { stream, leases, history };
    const isReady = Object.values(checks).every((state) => state === 'ok');
    const jsonBody: Health = { status: isReady ? 'ok' : 'down', checks };
    return { status: isReady ? 200 : 503, jsonBody, headers: { 'cache-control': 'no-store' } };
  };
}
