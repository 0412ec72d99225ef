// Gives browsers tickets for the live events: they cannot show a key at a WebSocket, and should hold none.
import { findCallId } from '../../shared/call/call.ts';
import { watchRequestSchema } from '../../shared/console-api.ts';
import { AppError } from '../../shared/errors.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';
import { feedProtocol, ticketPrefix, type WatchTickets, watchTicketSeconds } from '../../shared/watch-ticket.ts';
import { mayDo } from '../clients/client.ts';
import { MintLimit } from '../clients/mint-limit.ts';
import { parseBody } from '../parse-body.ts';
import { apiLimitBytes, type ClientHandler, readJson } from '../route-handler.ts';

/** A console takes one for each page that it opens, and one more each time that its network comes back. */
const perMinute = 120;

export interface WatchTicketHandlerOptions {
  readonly tickets: WatchTickets;
  readonly bridgeUrl: string;
  readonly counts: Pick<CallLeases, 'count'>;
}

export function createWatchTicketHandler({ tickets, bridgeUrl, counts }: WatchTicketHandlerOptions): ClientHandler {
  const limit = new MintLimit({ counts, name: 'watch-ticket', perMinute });
  return async (request, client) => {
    const { call_id: given } = parseBody(watchRequestSchema, await readJson(request, apiLimitBytes));
    const callId = given === undefined ? undefined : findCallId(given);
    if (given !== undefined && callId === undefined) throw new AppError('CALL_NOT_FOUND');
    await limit.take(client.name);
    const ticket = await tickets.sign({ calls: callId ?? 'all', showsNumbers: mayDo(client, 'operator') });
    return {
      status: 201,
      jsonBody: {
        ticket,
        protocols: [feedProtocol, `${ticketPrefix}${ticket}`],
        url: `${bridgeUrl}/ws/events${callId === undefined ? '' : `/${callId}`}`,
        expires_in_seconds: watchTicketSeconds,
      },
      headers: { 'cache-control': 'no-store' },
    };
  };
}
