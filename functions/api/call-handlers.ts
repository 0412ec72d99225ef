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
import { type Answer, apiLimitBytes, readJson } from '../route-handler.ts';
import type { CallDesk } from './call-operations.ts';
import type { OutboundCalls } from './outbound-calls.ts';

const defaultPageSize = 25;
const pageSchema = z.object({
  limit: z.coerce.number().int().min(1).max(callPageLimit).default(defaultPageSize),
  next: z.string().max(2048).optional(),
});

export function createPlaceCall(
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

export function createListCalls(desk: CallDesk): Answer {
  return async (request) => ({ jsonBody: await desk.list(parseBody(pageSchema, Object.fromEntries(request.query))) });
}

export function createShowCall(desk: CallDesk): Answer {
  return async (request) => ({ jsonBody: await desk.get(readCallId(request)) });
}

export function createHangUp(desk: CallDesk): Answer {
  return async (request) => {
    const callId = readCallId(request);
    await desk.hangUp(callId);
    return { status: 202, jsonBody: { call_id: callId, status: 'ending' } };
  };
}

export function createTransfer(desk: CallDesk): Answer {
  return async (request) => {
    const callId = readCallId(request);
    const { target } = parseBody(transferRequestSchema, await readJson(request, apiLimitBytes));
    await desk.transfer(callId, target);
    return { status: 202, jsonBody: { call_id: callId, status: 'transferring' } };
  };
}

export function createSourceNumber(phoneNumber: string | undefined): Answer {
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
