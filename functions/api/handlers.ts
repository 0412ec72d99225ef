// Answers the API: place, list, show, hand over and hang up calls, tell our number, and say whether the app can serve.
import type { HttpRequest } from '@azure/functions';
import { callQuerySchema, callRequestSchema, screeningRequestSchema, transferRequestSchema } from '../../shared/api.ts';
import { type CallId, findCallId } from '../../shared/call/call.ts';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { BridgeLoads } from '../../shared/stores/bridge-loads.ts';
import type { StoreHealth } from '../../shared/stores/store-health.ts';
import { parseBody } from '../parse-body.ts';
import { apiLimitBytes, type RouteHandler, readJson } from '../route-handler.ts';
import type { CallOperations } from './call-operations.ts';
import { createHealthHandler } from './health-handler.ts';
import { createLiveCallsHandler } from './live-calls-handler.ts';
import type { OutboundCalls } from './outbound-calls.ts';

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
  /** The number that our calls come from. */
  readonly sourceNumber: string | undefined;
}

export type ApiHandlers = ReturnType<typeof createApiHandlers>;

export function createApiHandlers(options: ApiHandlersOptions) {
  const { outbound, operations, sourceNumber, scaleKey, bridgeLoads, health, log } = options;

  const place =
    (schema: typeof callRequestSchema | typeof screeningRequestSchema, usualAgent?: string): RouteHandler =>
    async (request) => {
      const order = parseBody(schema, await readJson(request, apiLimitBytes));
      const { call, repeated } = await outbound.place(order, usualAgent);
      return { status: repeated ? 200 : 201, jsonBody: call };
    };

  return {
    placeCall: place(callRequestSchema),
    placeScreeningCall: place(screeningRequestSchema, screeningAgent),
    listCalls: async (request) => {
      return { jsonBody: await operations.list(parseBody(callQuerySchema, Object.fromEntries(request.query))) };
    },
    showCall: async (request) => ({ jsonBody: await operations.get(readCallId(request)) }),
    hangUp: async (request) => {
      const callId = readCallId(request);
      await operations.hangUp(callId);
      return { status: 202, jsonBody: { call_id: callId, status: 'ending' } };
    },
    transfer: async (request) => {
      const callId = readCallId(request);
      const { target } = parseBody(transferRequestSchema, await readJson(request, apiLimitBytes));
      await operations.transfer(callId, target);
      return { status: 202, jsonBody: { call_id: callId, status: 'transferring' } };
    },
    showSourceNumber: async () => {
      if (sourceNumber === undefined) throw new AppError('NOT_CONFIGURED', { what: 'a number of ours' });
      return { jsonBody: { phoneNumber: sourceNumber } };
    },
    showLiveCalls: createLiveCallsHandler({ scaleKey, loads: bridgeLoads, log }),
    health: createHealthHandler(health),
  } satisfies Record<string, RouteHandler>;
}

function readCallId(request: HttpRequest): CallId {
  const callId = findCallId(request.params.callId ?? '');
  if (!callId) throw new AppError('CALL_NOT_FOUND');
  return callId;
}
