// Says whether this app can serve now, which of the stores it cannot reach, and why.
import type { Health } from '../../shared/api.ts';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Stores } from '../../shared/stores/stores.ts';
import { within } from '../../shared/within.ts';
import type { RouteHandler } from '../route-handler.ts';

/** Probes give up after some five seconds: an answer must come before. */
const checkTimeoutMs = 2000;

type States = ['ok' | 'down', 'ok' | 'down', 'ok' | 'down'];

export interface HealthHandlerOptions {
  readonly stores: Pick<Stores, 'stream' | 'leases' | 'history'>;
  readonly log: Logger;
}

export function createHealthHandler({ stores, log }: HealthHandlerOptions): RouteHandler {
  /** Why a store cannot serve; undefined if it can. */
  const findProblem = async (name: keyof typeof stores): Promise<unknown> => {
    const isTooSlow = () => {
      throw new Error(`no answer in ${checkTimeoutMs} ms`);
    };
    try {
      await within(checkTimeoutMs, () => stores[name].ping(), isTooSlow);
      return undefined;
    } catch (error) {
      log.warn({ store: name, error }, 'a store cannot be reached');
      return error;
    }
  };
  return async () => {
    const found = await Promise.all([findProblem('stream'), findProblem('leases'), findProblem('history')]);
    const [stream, leases, history] = found.map((problem) => (problem === undefined ? 'ok' : 'down')) as States;
    // Ours are written for operators; what libraries say may tell more than anybody should hear.
    const problems = [...new Set(found.flatMap((problem) => (problem instanceof AppError ? [problem.message] : [])))];
    const isReady = found.every((problem) => problem === undefined);
    const jsonBody: Health = {
      status: isReady ? 'ok' : 'down',
      checks: { stream, leases, history },
      ...(problems.length > 0 ? { problems } : {}),
    };
    return { status: isReady ? 200 : 503, jsonBody, headers: { 'cache-control': 'no-store' } };
  };
}
