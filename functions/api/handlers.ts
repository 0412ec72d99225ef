// Answers the API: place, list, show, hand over and hang up calls, tell our number, and say whether the app can serve.
import type { HttpRequest } from '@azure/functions';
import type { AgentProfiles } from '../../shared/agents/agent.ts';
import {
  type CallDetail,
  type CallSummary,
  callQuerySchema,
  callRequestSchema,
  screeningRequestSchema,
  transferRequestSchema,
} from '../../shared/api.ts';
import { type CallId, findCallId } from '../../shared/call/call.ts';
import { maskNumber } from '../../shared/call/masked-number.ts';
import { keysRequestSchema, statisticsQuerySchema } from '../../shared/console-api.ts';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { BridgeLoads } from '../../shared/stores/bridge-loads.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';
import type { StoreHealth } from '../../shared/stores/store-health.ts';
import type { ToolRegistry } from '../../shared/tools/registry.ts';
import type { WatchTickets } from '../../shared/watch-ticket.ts';
import { type Client, mayDo } from '../clients/client.ts';
import { parseBody } from '../parse-body.ts';
import { apiLimitBytes, type ClientHandler, readJson } from '../route-handler.ts';
import { formatAgents, formatTools } from './agent-list.ts';
import type { CallOperations } from './call-operations.ts';
import { createFunctionCallHandler } from './function-call-handler.ts';
import { createHealthHandler } from './health-handler.ts';
import { createLiveCallsHandler } from './live-calls-handler.ts';
import type { OperatorActs } from './operator-acts.ts';
import type { OutboundCalls } from './outbound-calls.ts';
import { createWatchTicketHandler } from './watch-ticket-handler.ts';

/** Calls candidates where there is such an agent. */
const screeningAgent = 'screening';

export interface ApiHandlersOptions {
  readonly bridgeLoads: BridgeLoads;
  readonly health: StoreHealth;
  readonly log: Logger;
  /** Without it nobody may ask how many calls are live. */
  readonly scaleKey: string | undefined;
  readonly outbound: OutboundCalls;
  readonly operations: CallOperations;
  readonly acts: OperatorActs;
  readonly talk: ClientHandler;
  readonly endTalk: ClientHandler;
  readonly mintSession: ClientHandler;
  readonly agents: AgentProfiles;
  readonly defaultAgent: string;
  readonly tools: ToolRegistry;
  readonly tickets: WatchTickets;
  readonly bridgeUrl: string;
  /** Of what is minted. */
  readonly counts: Pick<CallLeases, 'count'>;
  /** The number that our calls come from. */
  readonly sourceNumber: string | undefined;
}

export type ApiHandlers = ReturnType<typeof createApiHandlers>;

export function createApiHandlers(options: ApiHandlersOptions) {
  const { outbound, operations, acts, agents, tools, tickets, bridgeUrl } = options;
  const { sourceNumber, scaleKey, bridgeLoads, counts, health, log } = options;

  const place =
    (schema: typeof callRequestSchema | typeof screeningRequestSchema, usualAgent?: string): ClientHandler =>
    async (request, client) => {
      const order = parseBody(schema, await readJson(request, apiLimitBytes));
      const { call, repeated } = await outbound.place(order, usualAgent);
      if (!repeated) acts.write(call.call_id as CallId, 'dialled', client);
      return { status: repeated ? 200 : 201, jsonBody: call };
    };

  return {
    placeCall: place(callRequestSchema),
    placeScreeningCall: place(screeningRequestSchema, screeningAgent),
    listCalls: async (request, client) => {
      const query = parseBody(callQuerySchema, Object.fromEntries(request.query));
      // By asking for one after the other they would find out whom each call was with.
      const isOfNumbers = query.phone_number !== undefined || query.sort === 'phone_number';
      if (isOfNumbers && !mayDo(client, 'operator'))
        throw new AppError('FORBIDDEN', 'only operators may look for a number');
      const page = await operations.list(query);
      return { jsonBody: { ...page, calls: page.calls.map((call) => showTo(client, call)) } };
    },
    showCall: async (request, client) => ({ jsonBody: showTo(client, await operations.get(readCallId(request))) }),
    hangUp: async (request, client) => {
      const callId = readCallId(request);
      await operations.hangUp(callId);
      acts.write(callId, 'hung-up', client);
      return { status: 202, jsonBody: { call_id: callId, status: 'ending' } };
    },
    sendKeys: async (request, client) => {
      const callId = readCallId(request);
      const { keys } = parseBody(keysRequestSchema, await readJson(request, apiLimitBytes));
      await operations.sendKeys(callId, keys);
      acts.write(callId, 'sent-keys', client);
      return { status: 202, jsonBody: { call_id: callId, status: 'active' } };
    },
    transfer: async (request, client) => {
      const callId = readCallId(request);
      const wish = parseBody(transferRequestSchema, await readJson(request, apiLimitBytes));
      await operations.transfer(callId, wish);
      acts.write(callId, 'transferred', client);
      return { status: 202, jsonBody: { call_id: callId, status: 'transferring' } };
    },
    showStatistics: async (request) => {
      const { hours } = parseBody(statisticsQuerySchema, Object.fromEntries(request.query));
      return { jsonBody: await operations.count(hours), headers: { 'cache-control': 'private, max-age=10' } };
    },
    listAgents: async () => ({ jsonBody: formatAgents(agents, options.defaultAgent) }),
    listTools: async (request) => {
      const name = request.query.get('agent');
      const agent = name === null ? undefined : agents.get(name);
      if (name !== null && !agent) throw new AppError('UNKNOWN_AGENT', { agent: name.slice(0, 64) });
      if (!agent) return { jsonBody: formatTools(tools.pickAll(agents.get(options.defaultAgent)!)) };
      await tools.prepare(agent);
      return { jsonBody: formatTools(tools.pick(agent)) };
    },
    showClient: async (_request, client) => ({ jsonBody: client }),
    talk: options.talk,
    endTalk: options.endTalk,
    mintSession: options.mintSession,
    callFunction: createFunctionCallHandler({ agents, defaultAgent: options.defaultAgent, tools, counts, log }),
    mintWatchTicket: createWatchTicketHandler({ tickets, bridgeUrl, counts }),
    showSourceNumber: async () => {
      if (sourceNumber === undefined) throw new AppError('NOT_CONFIGURED', { what: 'a number of ours' });
      return { jsonBody: { phoneNumber: sourceNumber } };
    },
    showLiveCalls: createLiveCallsHandler({ scaleKey, loads: bridgeLoads, log }),
    health: createHealthHandler(health),
  } satisfies Record<string, ClientHandler>;
}

export function readCallId(request: HttpRequest): CallId {
  const callId = findCallId(request.params.callId ?? '');
  if (!callId) throw new AppError('CALL_NOT_FOUND');
  return callId;
}

/** Whom a call is with is for those who may ring them. */
export function showTo<Call extends CallSummary | CallDetail>(client: Client, call: Call): Call {
  if (mayDo(client, 'operator') || call.phone_number === undefined) return call;
  return { ...call, phone_number: maskNumber(call.phone_number) };
}
