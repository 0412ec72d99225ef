// Tells whoever scales the bridges how many calls they must have room for.
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { isSameSecret } from '../../shared/same-secret.ts';
import type { BridgeLoads } from '../../shared/stores/bridge-loads.ts';
import type { RouteHandler } from '../route-handler.ts';

export interface LiveCallsHandlerOptions {
  /** Known to the scaler alone. */
  readonly scaleKey: string | undefined;
  readonly loads: Pick<BridgeLoads, 'peakCalls'>;
  readonly log: Logger;
}

/**
 * The most calls of the last quarter of an hour. A scaler that gets an error scales no more, in neither direction, and one that
 * gets too small a number ends conversations: while the store is away the last answer stands.
 */
export function createLiveCallsHandler({ scaleKey, loads, log }: LiveCallsHandlerOptions): RouteHandler {
  let last = 0;
  return async (request) => {
    if (scaleKey === undefined) throw new AppError('NOT_CONFIGURED', { what: 'SCALE_KEY' });
    if (!isSameSecret(request.headers.get('x-scale-key') ?? '', scaleKey))
      throw new AppError('UNAUTHENTICATED', 'x-scale-key is missing or wrong');
    try {
      last = await loads.peakCalls();
    } catch (error) {
      log.warn({ error, calls: last }, 'how many calls are live is not known: the scaler gets the last number again');
    }
    return { jsonBody: { calls: last }, headers: { 'cache-control': 'no-store' } };
  };
}
