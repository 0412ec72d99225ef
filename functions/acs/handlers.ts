// Takes Call Automation's callbacks, and Event Grid's deliveries by web hook: checks who sends them and works through them.
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { type CallId, findCallId } from '../../shared/call/call.ts';
import { AppError } from '../../shared/errors.ts';
import type { AcsTokenVerifier } from '../../shared/telephony/acs-token-verifier.ts';
import { parseBody } from '../parse-body.ts';
import { formatErrorResponse, type RouteHandler, readJson, webHookLimitBytes } from '../route-handler.ts';
import type { AcsCallEvents } from './call-events.ts';
import { acsCallbackSchema } from './callback-messages.ts';
import { readEventBatch } from './event-batch.ts';
import type { EventGridDispatcher } from './event-grid-dispatcher.ts';
import { eventGridSchema, validationSchema, validationType } from './event-grid-messages.ts';

/** Deliveries a minute that we allow when asked by the CloudEvents handshake: more than any line brings. */
const allowedRate = '1000';

export interface AcsHandlersOptions {
  /** Undefined: no ACS resource is configured that could call back. */
  readonly callbacks: { readonly tokens: AcsTokenVerifier; readonly events: AcsCallEvents } | undefined;
  readonly eventGrid: EventGridDispatcher;
}

export type AcsHandlers = Readonly<Record<'callback' | 'eventGrid', RouteHandler>>;

export function createAcsHandlers({ callbacks, eventGrid }: AcsHandlersOptions): AcsHandlers {
  return {
    /** Events of one call, one by one in the order they came. */
    callback: async (request) => {
      if (!callbacks) throw new AppError('NOT_CONFIGURED', { what: 'ACS' });
      const refusal = await checkSender(callbacks.tokens, request);
      if (refusal) return refusal;
      const callId = readCallId(request);
      const { events, problem } = readEventBatch(await readJson(request, webHookLimitBytes), acsCallbackSchema);
      for (const event of events) await callbacks.events.receive(callId, event);
      if (problem) throw problem;
      return { status: 200 };
    },

    /** The handshakes of both schemas, then events one by one or in batches. */
    eventGrid: async (request) => {
      if (request.method === 'OPTIONS') return answerHandshake(request.headers.get('webhook-request-origin'));
      const batch = readEventBatch(await readJson(request, webHookLimitBytes), eventGridSchema);
      const validation = batch.events.find(({ type }) => type === validationType);
      if (validation) {
        const { validationCode } = parseBody(validationSchema, validation.data);
        return { status: 200, jsonBody: { validationResponse: validationCode } };
      }
      try {
        await eventGrid.receive(batch.events);
      } catch (error) {
        // Event Grid drops what is answered by 400, 401, 403 or 413: what may still succeed is a 503.
        if (error instanceof AppError && error.code !== 'BAD_REQUEST') return formatErrorResponse(error, 503);
        throw error;
      }
      if (batch.problem) throw batch.problem;
      return { status: 200 };
    },
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
  if (!callId) throw new AppError('CALL_NOT_FOUND');
  return callId;
}

function answerHandshake(origin: string | null): HttpResponseInit {
  if (origin === null) throw new AppError('BAD_REQUEST', 'the header WebHook-Request-Origin is missing');
  return { status: 200, headers: { 'WebHook-Allowed-Origin': origin, 'WebHook-Allowed-Rate': allowedRate } };
}
