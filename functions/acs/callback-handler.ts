// Takes Call Automation's callbacks: checks who sends them, then works through them in the order they came.
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { type CallId, findCallId } from '../../shared/call/call.ts';
import { AppError } from '../../shared/errors.ts';
import type { AcsTokenVerifier } from '../../shared/telephony/acs-token-verifier.ts';
import { formatErrorResponse, type RouteHandler, readJson, webHookLimitBytes } from '../route-handler.ts';
import type { AcsCallEvents } from './call-events.ts';
import { acsCallbackSchema } from './callback-messages.ts';
import { readEventBatch } from './event-batch.ts';

export interface AcsCallbackHandlerOptions {
  readonly tokens: AcsTokenVerifier;
  readonly events: AcsCallEvents;
}

/** Undefined options: no ACS resource is configured. */
export function createAcsCallbackHandler(options: AcsCallbackHandlerOptions | undefined): RouteHandler {
  return async (request) => {
    if (!options) throw new AppError('NOT_CONFIGURED', 'there is no ACS resource that could call back');
    const refusal = await checkSender(options.tokens, request);
    if (refusal) return refusal;
    const callId = readCallId(request);
    const { events, problem } = readEventBatch(await readJson(request, webHookLimitBytes), acsCallbackSchema);
    for (const event of events) await options.events.receive(callId, event);
    if (problem) throw problem;
    return { status: 200 };
  };
}

/** Signing keys that cannot be had now are our trouble, not the sender's: it is to try again. */
async function checkSender(tokens: AcsTokenVerifier, request: HttpRequest): Promise<HttpResponseInit | undefined> {
  try {
    await tokens.verify(request.headers.get('authorization'));
    return undefined;
  } catch (error) {
    if (error instanceof AppError && error.retryable) return formatErrorResponse(error, 503);
    throw error;
  }
}

function readCallId(request: HttpRequest): CallId | undefined {
  const { callId: text } = request.params;
  if (text === undefined) return undefined;
  const callId = findCallId(text);
  if (!callId) throw new AppError('CALL_NOT_FOUND', 'this is no name of a call');
  return callId;
}
