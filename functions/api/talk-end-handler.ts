// Takes a page's word that whoever talked from it has hung up: the bridge that heard so may have died before it could write it down.
import { talkEndSchema } from '../../shared/console-api.ts';
import { AppError } from '../../shared/errors.ts';
import type { MediaTokens } from '../../shared/media-token.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import { findTicket } from '../../shared/watch-ticket.ts';
import { parseBody } from '../parse-body.ts';
import { apiLimitBytes, type ClientHandler, readJson } from '../route-handler.ts';

export interface TalkEndHandlerOptions {
  readonly ledger: Pick<CallLedger, 'find' | 'post'>;
  readonly tokens: Pick<MediaTokens, 'verify'>;
}

/** Asked again by the page until the end of its call is kept for good. */
export function createTalkEndHandler({ ledger, tokens }: TalkEndHandlerOptions): ClientHandler {
  return async (request) => {
    const { protocols } = parseBody(talkEndSchema, await readJson(request, apiLimitBytes));
    const { callId, carrier } = await tokens.verify(findTicket(protocols.join()) ?? '');
    if (carrier !== 'web') throw new AppError('FORBIDDEN', 'the ticket is not that of a page');
    const call = await ledger.find(callId).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'STORE_UNAVAILABLE') return 'unknown' as const;
      throw error;
    });
    if (!call) throw new AppError('CALL_NOT_FOUND');
    const isKept = call !== 'unknown' && call.phase === 'ended' && !call.isEndGuessed;
    if (!isKept) {
      const reason = (call !== 'unknown' && call.askedToEnd) || 'caller-hung-up';
      const delivery = await ledger.post(callId, { type: 'call-ended', reason }, { id: 'call-ended' });
      if (delivery === 'later' || delivery === 'lost')
        throw new AppError('STORE_UNAVAILABLE', 'the end of the call could not be written yet: tell it again');
    }
    return { jsonBody: { call_id: callId, status: 'ended' } };
  };
}
