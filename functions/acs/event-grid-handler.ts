// Takes Event Grid's deliveries by web hook: the handshakes of both schemas, then events one by one or in batches.
import type { HttpResponseInit } from '@azure/functions';
import { AppError } from '../../shared/errors.ts';
import { parseBody } from '../parse-body.ts';
import { formatErrorResponse, type RouteHandler, readJson, webHookLimitBytes } from '../route-handler.ts';
import { readEventBatch } from './event-batch.ts';
import type { EventGridDispatcher } from './event-grid-dispatcher.ts';
import { eventGridSchema, validationSchema, validationType } from './event-grid-messages.ts';

/** Deliveries a minute that we allow when asked by the CloudEvents handshake: more than any line brings. */
const allowedRate = '1000';

export function createEventGridHandler(events: EventGridDispatcher): RouteHandler {
  return async (request) => {
    if (request.method === 'OPTIONS') return answerHandshake(request.headers.get('webhook-request-origin'));
    const batch = readEventBatch(await readJson(request, webHookLimitBytes), eventGridSchema);
    const validation = batch.events.find(({ type }) => type === validationType);
    if (validation) {
      const { validationCode } = parseBody(validationSchema, validation.data);
      return { status: 200, jsonBody: { validationResponse: validationCode } };
    }
    try {
      await events.receive(batch.events);
    } catch (error) {
      return answerFailure(error);
    }
    if (batch.problem) throw batch.problem;
    return { status: 200 };
  };
}

function answerHandshake(origin: string | null): HttpResponseInit {
  if (origin === null) throw new AppError('BAD_REQUEST', 'the header WebHook-Request-Origin is missing');
  return { status: 200, headers: { 'WebHook-Allowed-Origin': origin, 'WebHook-Allowed-Rate': allowedRate } };
}

/** Event Grid drops what is answered by 400, 401, 403 or 413: what may still succeed is a 503. */
function answerFailure(error: unknown): HttpResponseInit {
  if (error instanceof AppError && error.code !== 'BAD_REQUEST') return formatErrorResponse(error, 503);
  throw error;
}
