// Makes calls of pages in browsers, and the tickets for their media sockets at the bridge.
import { randomUUID } from 'node:crypto';
import type { CallId, VoiceModelKind } from '../../shared/call/call.ts';
import type { TalkTicket } from '../../shared/console-api.ts';
import { AppError } from '../../shared/errors.ts';
import type { MediaTokens } from '../../shared/media-token.ts';
import type { BridgeLoads } from '../../shared/stores/bridge-loads.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import { findTraceparent } from '../../shared/telemetry/trace-context.ts';
import { feedProtocol, ticketPrefix } from '../../shared/watch-ticket.ts';
import { hasRoom } from '../bridge-room.ts';
import type { Client } from '../clients/client.ts';

export interface PageCallsOptions {
  readonly ledger: Pick<CallLedger, 'record'>;
  readonly bridgeLoads: Pick<BridgeLoads, 'list'>;
  readonly tokens: MediaTokens;
  readonly bridgeUrl: string;
}

export interface PageCallOrder {
  readonly agent: string;
  readonly model: VoiceModelKind | undefined;
  readonly context: Readonly<Record<string, unknown>> | undefined;
}

export class PageCalls {
  readonly #options: PageCallsOptions;

  constructor(options: PageCallsOptions) {
    this.#options = options;
  }

  /** Throws BRIDGE_FULL. */
  async begin({ agent, model, context }: PageCallOrder, client: Client): Promise<TalkTicket> {
    const { ledger, bridgeLoads, tokens, bridgeUrl } = this.#options;
    if (!(await hasRoom(bridgeLoads))) throw new AppError('BRIDGE_FULL', 'no bridge has room for one more call');
    const callId = `in-${randomUUID()}` as CallId;
    const carrier = 'web';
    const direction = 'inbound';
    const traceparent = findTraceparent();
    const parties = { remoteParty: client.name, ourNumber: 'console' };
    await ledger.record(
      callId,
      { type: 'call-created', carrier, direction, ...parties, agent, model, context, traceparent },
      { id: 'call-created' },
    );
    await ledger.record(callId, { type: 'carrier-accepted', carrierCallId: callId }, { id: 'carrier-accepted' });
    const ticket = await tokens.sign({ callId, carrier, direction, agent, model, traceparent });
    return {
      call_id: callId,
      url: `${bridgeUrl}/media/web/${callId}`,
      protocols: [feedProtocol, `${ticketPrefix}${ticket}`],
    };
  }
}
