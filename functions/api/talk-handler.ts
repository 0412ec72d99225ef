// Lets people talk with an agent from their browser by the bridge's WebSocket.
import type { AgentProfiles } from '../../shared/agents/agent.ts';
import { talkRequestSchema } from '../../shared/console-api.ts';
import { AppError } from '../../shared/errors.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';
import { MintLimit } from '../clients/mint-limit.ts';
import { parseBody } from '../parse-body.ts';
import { apiLimitBytes, type ClientHandler, readJson } from '../route-handler.ts';
import type { PageCalls } from './page-calls.ts';

/** Each costs a session of a model. */
const perMinute = 10;

export interface TalkHandlerOptions {
  readonly pageCalls: PageCalls;
  readonly counts: Pick<CallLeases, 'count'>;
  readonly agents: AgentProfiles;
  readonly defaultAgent: string;
}

export function createTalkHandler({ pageCalls, counts, agents, defaultAgent }: TalkHandlerOptions): ClientHandler {
  const limit = new MintLimit({ counts, name: 'talk', perMinute });
  return async (request, client) => {
    const given = parseBody(talkRequestSchema, await readJson(request, apiLimitBytes));
    const { agent = defaultAgent, model, context } = given;
    if (!agents.has(agent)) throw new AppError('UNKNOWN_AGENT', { agent: agent.slice(0, 64) });
    await limit.take(client.name);
    const jsonBody = await pageCalls.begin({ agent, model, context }, client);
    return { status: 201, jsonBody, headers: { 'cache-control': 'no-store' } };
  };
}
