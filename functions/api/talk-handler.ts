// Lets people talk with an agent from their browser: makes the call, and the ticket for its media socket at the bridge.
import { randomUUID } from 'node:crypto';
import type { AgentProfiles } from '../../shared/agents/agent.ts';
import type { CallId } from '../../shared/call/call.ts';
import { talkRequestSchema } from '../../shared/console-api.ts';
import { AppError } from '../../shared/errors.ts';
import type { MediaTokens } from '../../shared/media-token.ts';
import type { BridgeLoads } from '../../shared/stores/bridge-loads.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import { findTraceparent } from '../../shared/telemetry/trace-context.ts';
import { feedProtocol, ticketPrefix } from '../../shared/watch-ticket.ts';
import { hasRoom } from '../bridge-room.ts';
import { MintLimit } from '../clients/mint-limit.ts';
import { parseBody } from '../parse-body.ts';
import { apiLimitBytes, type ClientHandler, readJson } from '../route-handler.ts';

/** Each costs a session of a model. */
const callsPerMinute = 10;

export interface TalkHandlerOptions {
  readonly ledger: Pick<CallLedger, 'record'>;
  readonly bridgeLoads: Pick<BridgeLoads, 'list'>;
  readonly tokens: MediaTokens;
  readonly bridgeUrl: string;
  readonly agents: AgentProfiles;
  readonly defaultAgent: string;
}

export function createTalkHandler(options: TalkHandlerOptions): ClientHandler {
  const { ledger, bridgeLoads, tokens, bridgeUrl, agents, defaultAgent } = options;
  const limit = new MintLimit(callsPerMinute);
  return async (request, client) => {
    const {
      agent = defaultAgent,
      model,
      context,
    } = parseBody(talkRequestSchema, await readJson(request, apiLimitBytes));
    if (!agents.has(agent)) throw new AppError('UNKNOWN_AGENT', { agent: agent.slice(0, 64) });
    limit.take(client.name);
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
      status: 201,
      jsonBody: {
        call_id: callId,
        url: `${bridgeUrl}/media/web/${callId}`,
        protocols: [feedProtocol, `${ticketPrefix}${ticket}`],
      },
      headers: { 'cache-control': 'no-store' },
    };
  };
}
