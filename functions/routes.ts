// Every route and trigger of the app as data: its name, its path, who may use it, and what answers it.
import { callRequestSchema, screeningRequestSchema } from '../shared/api.ts';
import { AppError } from '../shared/errors.ts';
import { createAcsCallbacks } from './acs/callback-handler.ts';
import { createEventGridHook } from './acs/event-grid-handler.ts';
import {
  createHangUp,
  createListCalls,
  createPlaceCall,
  createShowCall,
  createSourceNumber,
  createTransfer,
} from './api/call-handlers.ts';
import { createHealth } from './api/health-handler.ts';
import type { Answer } from './route-handler.ts';
import type { Services } from './services.ts';

export interface HttpRoute {
  /** The host looks at routes in the order of their names, whatever their paths: two that fit one path must be told apart here. */
  readonly name: string;
  readonly methods: readonly ('GET' | 'POST' | 'OPTIONS')[];
  readonly path: string;
  /** `anonymous`: open to all, or guarded by the sender's own signature. */
  readonly auth: 'function' | 'anonymous';
  readonly answer: Answer;
}

export interface EventGridRoute {
  readonly name: string;
  readonly receive: (event: unknown) => Promise<void>;
}

export function createHttpRoutes(services: Services): readonly HttpRoute[] {
  const { acsCallbacks, desk, grid, log, outbound, sourceNumber, stores } = services;
  const post = ['POST'] as const;
  const get = ['GET'] as const;
  const hook = ['POST', 'OPTIONS'] as const;
  return [
    { name: 'health', methods: get, path: 'healthz', auth: 'anonymous', answer: createHealth(stores, log) },

    // Event Grid's web hooks carry the key in their address; ACS signs its callbacks.
    {
      name: 'hook-calls',
      methods: hook,
      path: 'api/incomingCall',
      auth: 'function',
      answer: createEventGridHook(grid),
    },
    { name: 'hook-events', methods: hook, path: 'api/callbacks', auth: 'function', answer: createEventGridHook(grid) },
    {
      name: 'acs-callback',
      methods: post,
      path: 'api/callbacks/{callId}',
      auth: 'anonymous',
      answer: createAcsCallbacks(acsCallbacks),
    },
    {
      name: 'acs-callback-any',
      methods: post,
      path: 'api/acs/{callId?}',
      auth: 'anonymous',
      answer: createAcsCallbacks(acsCallbacks),
    },

    {
      name: 'call-place',
      methods: post,
      path: 'api/call',
      auth: 'function',
      answer: createPlaceCall(outbound, callRequestSchema),
    },
    {
      name: 'call-screen',
      methods: post,
      path: 'api/initiateOutboundCall',
      auth: 'function',
      answer: createPlaceCall(outbound, screeningRequestSchema, 'screening'),
    },
    { name: 'call-list', methods: get, path: 'api/calls', auth: 'function', answer: createListCalls(desk) },
    { name: 'call-show', methods: get, path: 'api/calls/{callId}', auth: 'function', answer: createShowCall(desk) },
    {
      name: 'call-hang-up',
      methods: post,
      path: 'api/calls/{callId}/hang-up',
      auth: 'function',
      answer: createHangUp(desk),
    },
    {
      name: 'call-transfer',
      methods: post,
      path: 'api/calls/{callId}/transfer',
      auth: 'function',
      answer: createTransfer(desk),
    },
    {
      name: 'source-number',
      methods: get,
      path: 'api/source-phone-number',
      auth: 'function',
      answer: createSourceNumber(sourceNumber),
    },

    // Twilio signs its requests; without a Twilio account there is nobody to serve.
    ...Object.entries(services.twilioHooks ?? {}).map(
      ([name, answer]): HttpRoute => ({
        name: `twilio-${name}`,
        methods: post,
        path: `twilio/${name}`,
        auth: 'anonymous',
        answer,
      }),
    ),
  ];
}

export function createEventGridRoutes({ grid, log }: Services): readonly EventGridRoute[] {
  return [
    {
      name: 'incomingCall',
      receive: async (event) => {
        try {
          await grid.receiveUnread(event);
        } catch (error) {
          // To throw is to ask for the same event again, which would be no better for being repeated.
          if (!(error instanceof AppError) || error.code !== 'BAD_REQUEST') throw error;
          log.error({ error }, 'malformed event dropped');
        }
      },
    },
  ];
}
