// Runs a tool for a model that talks with a browser directly: what the page was asked to do, it asks us.
import { randomUUID } from 'node:crypto';
import type { AgentProfiles } from '../../shared/agents/agent.ts';
import type { CallId } from '../../shared/call/call.ts';
import { newCallState } from '../../shared/call/call-state.ts';
import { functionCallSchema } from '../../shared/console-api.ts';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';
import type { ToolRegistry } from '../../shared/tools/registry.ts';
import { runTool } from '../../shared/tools/run-tool.ts';
import { ToolRefusal } from '../../shared/tools/tool.ts';
import { MintLimit } from '../clients/mint-limit.ts';
import { parseBody } from '../parse-body.ts';
import { apiLimitBytes, type ClientHandler, readJson } from '../route-handler.ts';

/** More than a conversation needs; each may ask another service. */
const perMinute = 120;

export interface FunctionCallHandlerOptions {
  readonly agents: AgentProfiles;
  readonly defaultAgent: string;
  readonly tools: ToolRegistry;
  readonly counts: Pick<CallLeases, 'count'>;
  readonly log: Logger;
}

export function createFunctionCallHandler({
  agents,
  defaultAgent,
  tools,
  counts,
  log,
}: FunctionCallHandlerOptions): ClientHandler {
  const limit = new MintLimit({ counts, name: 'function-call', perMinute });
  return async (request, client) => {
    const {
      name,
      call_id,
      arguments: given,
      agent: named = defaultAgent,
    } = parseBody(functionCallSchema, await readJson(request, apiLimitBytes));
    const agent = agents.get(named);
    if (!agent) throw new AppError('UNKNOWN_AGENT', { agent: named.slice(0, 64) });
    await limit.take(client.name);
    await tools.prepare(agent);
    // A browser has no telephone.
    const tool = tools.pick(agent).find((one) => one.name === name && !one.usesPhone);
    const context = {
      call: newCallState(`in-${randomUUID()}` as CallId),
      agent,
      signal: new AbortController().signal,
      now: new Date(),
      phone: undefined,
      record: () => {
        throw new ToolRefusal('This conversation is not kept: there is nothing to write it down in.');
      },
    };
    const input = typeof given === 'string' ? given : JSON.stringify(given);
    const { output } = await runTool(tool, { name, input }, context, log);
    return { jsonBody: { call_id, output: JSON.parse(output) as unknown } };
  };
}
