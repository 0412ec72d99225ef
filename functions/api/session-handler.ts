// Lets a browser talk with a realtime model directly, by WebRTC: an ephemeral key, and where to send the offer.
import { randomUUID } from 'node:crypto';
import type { AgentProfiles } from '../../shared/agents/agent.ts';
import { sessionRequestSchema } from '../../shared/console-api.ts';
import { AppError } from '../../shared/errors.ts';
import type { ToolRegistry } from '../../shared/tools/registry.ts';
import { MintLimit } from '../clients/mint-limit.ts';
import { parseBody } from '../parse-body.ts';
import { apiLimitBytes, type ClientHandler, readJson } from '../route-handler.ts';
import type { RealtimeSecrets } from './realtime-secrets.ts';

/** Each is a conversation that somebody pays for. */
const sessionsPerMinute = 10;

export interface SessionHandlerOptions {
  readonly agents: AgentProfiles;
  readonly defaultAgent: string;
  readonly tools: ToolRegistry;
  /** Undefined without an Azure OpenAI resource. */
  readonly secrets: RealtimeSecrets | undefined;
}

export function createSessionHandler({ agents, defaultAgent, tools, secrets }: SessionHandlerOptions): ClientHandler {
  const limit = new MintLimit(sessionsPerMinute);
  return async (request, client) => {
    const text = await request.clone().text();
    const given = text.trim() === '' ? {} : await readJson(request, apiLimitBytes);
    const { agent: named = defaultAgent } = parseBody(sessionRequestSchema, given);
    const agent = agents.get(named);
    if (!agent) throw new AppError('UNKNOWN_AGENT', { agent: named.slice(0, 64) });
    if (!secrets) throw new AppError('NOT_CONFIGURED', { what: 'AZURE_OPENAI_ENDPOINT' });
    limit.take(client.name);
    await tools.prepare(agent);
    const secret = await secrets.mint(
      agent,
      tools.pick(agent).filter(({ usesPhone }) => !usesPhone),
    );
    return {
      jsonBody: {
        session_id: `session-${randomUUID()}`,
        ephemeral_key: secret.value,
        expires_at: secret.expiresAt.toISOString(),
        webrtc_url: secret.webrtcUrl,
        deployment: secret.deployment,
        voice: secret.voice,
        agent: agent.name,
      },
      headers: { 'cache-control': 'no-store' },
    };
  };
}
