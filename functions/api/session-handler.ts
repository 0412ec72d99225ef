// Lets a browser talk with a realtime model directly, by WebRTC: an ephemeral key, where to send the offer, and the call at the bridge.
import { randomUUID } from 'node:crypto';
import type { AgentProfiles } from '../../shared/agents/agent.ts';
import { sessionRequestSchema } from '../../shared/console-api.ts';
import { AppError } from '../../shared/errors.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';
import type { ToolRegistry } from '../../shared/tools/registry.ts';
import { MintLimit } from '../clients/mint-limit.ts';
import { parseBody } from '../parse-body.ts';
import { apiLimitBytes, type ClientHandler, readJson } from '../route-handler.ts';
import type { PageCalls } from './page-calls.ts';
import type { RealtimeSecrets } from './realtime-secrets.ts';

/** Each is a conversation that somebody pays for. */
const perMinute = 10;

export interface SessionHandlerOptions {
  readonly agents: AgentProfiles;
  readonly defaultAgent: string;
  readonly tools: ToolRegistry;
  /** Undefined without an Azure OpenAI resource. */
  readonly secrets: RealtimeSecrets | undefined;
  readonly pageCalls: PageCalls;
  readonly counts: Pick<CallLeases, 'count'>;
}

export function createSessionHandler(options: SessionHandlerOptions): ClientHandler {
  const { agents, defaultAgent, tools, secrets, pageCalls, counts } = options;
  const limit = new MintLimit({ counts, name: 'session', perMinute });
  return async (request, client) => {
    const text = await request.clone().text();
    const given = text.trim() === '' ? {} : await readJson(request, apiLimitBytes);
    const { agent: named = defaultAgent, attach, context } = parseBody(sessionRequestSchema, given);
    const agent = agents.get(named);
    if (!agent) throw new AppError('UNKNOWN_AGENT', { agent: named.slice(0, 64) });
    // Nobody else hears what is said between a page and the service.
    if (attach && agent.recording.enabled)
      throw new AppError('BAD_REQUEST', 'calls of this agent are recorded: the bridge has to carry their sound');
    if (!secrets) throw new AppError('NOT_CONFIGURED', { what: 'AZURE_OPENAI_ENDPOINT' });
    await limit.take(client.name);
    await tools.prepare(agent);
    // The bridge brings the tools, and runs them.
    const own = attach ? [] : tools.pick(agent).filter(({ usesPhone }) => !usesPhone);
    const secret = await secrets.mint(agent, own);
    const call = attach
      ? await pageCalls.begin({ agent: agent.name, model: 'gpt-realtime', context }, client)
      : undefined;
    return {
      jsonBody: {
        session_id: `session-${randomUUID()}`,
        ephemeral_key: secret.value,
        expires_at: secret.expiresAt.toISOString(),
        // What the bridge does is not for the page to see.
        webrtc_url: attach ? `${secret.webrtcUrl}?webrtcfilter=on` : secret.webrtcUrl,
        deployment: secret.deployment,
        voice: secret.voice,
        agent: agent.name,
        ...(call && { talk: call }),
      },
      headers: { 'cache-control': 'no-store' },
    };
  };
}
