// The API of calls: place, list, show, hand over, hang up, and the number that our calls come from.
import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import {
  callPageLimit,
  type callRequestSchema,
  type screeningRequestSchema,
  transferRequestSchema,
} from '../../shared/api.ts';
import { type CallId, findCallId } from '../../shared/call/call.ts';
import { AppError } from '../../shared/errors.ts';
import { parseBody } from '../parse-body.ts';
import { apiLimitBytes, type RouteHandler, readJson } from '../route-handler.ts';
import type { CallOperations } from './call-operations.ts';
import type { OutboundCalls } from './outbound-calls.ts';

const defaultPageSize = 25;
const pageSchema = z.object({
  limit: z.coerce.number().int().min(1).max(callPageLimit).default(defaultPageSize),
  next: z.string().max(2048).optional(),
});

export function createPlaceCallHandler(
  calls: OutboundCalls,
  schema: typeof callRequestSchema | typeof screeningRequestSchema,
  usualAgent?: string,
) {
  return async (request: HttpRequest) => {
    const order = parseBody(schema, await readJson(request, apiLimitBytes));
    const { call, repeated } = await calls.place(order, usualAgent);
    return { status: repeated ? 200 : 201, jsonBody: call };
  };
}

export function createListCallsHandler(operations: CallOperations): RouteHandler {
  return async (request) => ({
    jsonBody: await operations.list(parseBody(pageSchema, Object.fromEntries(request.query))),
  });
}

export function createShowCallHandler(operations: CallOperations): RouteHandler {
  return async (request) => ({ jsonBody: await operations.get(readCallId(request)) });
}

export function createHangUpHandler(operations: CallOperations): RouteHandler {
  return async (request) => {
    const callId = readCallId(request);
    await operations.hangUp(callId);
    return { status: 202, jsonBody: { call_id: callId, status: 'ending' } };
  };
}

export function createTransferHandler(operations: CallOperations): RouteHandler {
  return async (request) => {
    const callId = readCallId(request);
    const { target } = parseBody(transferRequestSchema, await readJson(request, apiLimitBytes));
    await operations.transfer(callId, target);
    return { status: 202, jsonBody: { call_id: callId, status: 'transferring' } };
  };
}

export function createSourceNumberHandler(phoneNumber: string | undefined): RouteHandler {
  return async () => {
    if (phoneNumber === undefined) throw new AppError('NOT_CONFIGURED', 'we have no number of our own');
    return { jsonBody: { phoneNumber } };
  };
}

function readCallId(request: HttpRequest): CallId {
  const callId = findCallId(request.params.callId ?? '');
  if (!callId) throw new AppError('CALL_NOT_FOUND', 'there is no such call');
  return callId;
}
