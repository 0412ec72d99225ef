// Every route and trigger of the app as data: its name, its path, who may use it, and what handles it.
import { callRequestSchema, screeningRequestSchema } from '../shared/api.ts';
import { AppError } from '../shared/errors.ts';
import { createAcsCallbackHandler } from './acs/callback-handler.ts';
import { createEventGridHandler } from './acs/event-grid-handler.ts';
import {
  createHangUpHandler,
  createListCallsHandler,
  createPlaceCallHandler,
  createShowCallHandler,
  createSourceNumberHandler,
  createTransferHandler,
} from './api/call-handlers.ts';
import { createHealthHandler } from './api/health-handler.ts';
import type { RouteHandler } from './route-handler.ts';
import type { Services } from './services.ts';

export interface HttpRoute {
  /** The host looks at routes in the order of their names, whatever their paths: two that fit one path must be told apart here. */
  readonly name: string;
  readonly methods: readonly ('GET' | 'POST' | 'OPTIONS')[];
  readonly path: string;
  /** `anonymous`: open to all, or guarded by the sender's own signature. */
  readonly auth: 'function' | 'anonymous';
  readonly handle: RouteHandler;
}

export interface EventGridRoute {
  readonly name: string;
  readonly receive: (event: unknown) => Promise<void>;
}

export function createHttpRoutes(services: Services): readonly HttpRoute[] {
  const { acsCallbacks, operations, eventGrid, log, outbound, sourceNumber, stores } = services;
  const post = ['POST'] as const;
  const get = ['GET'] as const;
  const hook = ['POST', 'OPTIONS'] as const;
  return [
    { name: 'health', methods: get, path: 'healthz', auth: 'anonymous', handle: createHealthHandler(stores, log) },

    // Event Grid's web hooks carry the key in their address; ACS signs its callbacks.
    {
      name: 'hook-calls',
      methods: hook,
      path: 'api/incomingCall',
      auth: 'function',
      handle: createEventGridHandler(eventGrid),
    },
    {
      name: 'hook-events',
      methods: hook,
      path: 'api/callbacks',
      auth: 'function',
      handle: createEventGridHandler(eventGrid),
    },
    {
      name: 'acs-callback',
      methods: post,
      path: 'api/callbacks/{callId}',
      auth: 'anonymous',
      handle: createAcsCallbackHandler(acsCallbacks),
    },
    {
      name: 'acs-callback-any',
      methods: post,
      path: 'api/acs/{callId?}',
      auth: 'anonymous',
      handle: createAcsCallbackHandler(acsCallbacks),
    },

    {
      name: 'call-place',
      methods: post,
      path: 'api/call',
      auth: 'function',
      handle: createPlaceCallHandler(outbound, callRequestSchema),
    },
    {
      name: 'call-screen',
      methods: post,
      path: 'api/initiateOutboundCall',
      auth: 'function',
      handle: createPlaceCallHandler(outbound, screeningRequestSchema, 'screening'),
    },
    {
      name: 'call-list',
      methods: get,
      path: 'api/calls',
      auth: 'function',
      handle: createListCallsHandler(operations),
    },
    {
      name: 'call-show',
      methods: get,
      path: 'api/calls/{callId}',
      auth: 'function',
      handle: createShowCallHandler(operations),
    },
    {
      name: 'call-hang-up',
      methods: post,
      path: 'api/calls/{callId}/hang-up',
      auth: 'function',
      handle: createHangUpHandler(operations),
    },
    {
      name: 'call-transfer',
      methods: post,
      path: 'api/calls/{callId}/transfer',
      auth: 'function',
      handle: createTransferHandler(operations),
    },
    {
      name: 'source-number',
      methods: get,
      path: 'api/source-phone-number',
      auth: 'function',
      handle: createSourceNumberHandler(sourceNumber),
    },

    // Twilio signs its requests; without a Twilio account there is nobody to serve.
    ...Object.entries(services.twilioHandlers ?? {}).map(
      ([name, handle]): HttpRoute => ({
        name: `twilio-${name}`,
        methods: post,
        path: `twilio/${name}`,
        auth: 'anonymous',
        handle,
      }),
    ),
  ];
}

export function createEventGridRoutes({ eventGrid, log }: Services): readonly EventGridRoute[] {
  return [
    {
      name: 'incomingCall',
      receive: async (event) => {
        try {
          await eventGrid.receiveRaw(event);
        } catch (error) {
          // To throw is to ask for the same event again, which would be no better for being repeated.
          if (!(error instanceof AppError) || error.code !== 'BAD_REQUEST') throw error;
          log.error({ error }, 'malformed event dropped');
        }
      },
    },
  ];
}
