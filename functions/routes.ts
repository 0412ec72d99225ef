// Every route and trigger of the app as data: its name, its path, who may use it, and what handles it.
import { AppError } from '../shared/errors.ts';
import { reconcileSchedule } from './reconciler/reconciler.ts';
import type { RouteHandler } from './route-handler.ts';
import type { Services } from './services.ts';

/** Between two rounds of reconciling. */
const historySweepSchedule = '15 * * * * *';

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

export interface TimerRoute {
  readonly name: string;
  /** NCRONTAB, in UTC. */
  readonly schedule: string;
  readonly run: () => Promise<void>;
}

export function createHttpRoutes({ acs, api, announcements, twilio }: Services): readonly HttpRoute[] {
  const get = { methods: ['GET'], auth: 'function' } as const;
  const post = { methods: ['POST'], auth: 'function' } as const;
  // Event Grid's web hooks carry the key in their address.
  const hook = { methods: ['POST', 'OPTIONS'], auth: 'function' } as const;
  const signed = { methods: ['POST'], auth: 'anonymous' } as const;
  return [
    { ...get, auth: 'anonymous', name: 'health', path: 'healthz', handle: api.health },
    // ACS fetches it without a key.
    {
      ...get,
      auth: 'anonymous',
      name: 'announcement',
      path: 'announcements/{language}/lines-busy.wav',
      handle: announcements.serve,
    },

    { ...hook, name: 'hook-calls', path: 'api/incomingCall', handle: acs.eventGrid },
    { ...hook, name: 'hook-events', path: 'api/callbacks', handle: acs.eventGrid },
    { ...signed, name: 'acs-callback', path: 'api/callbacks/{callId}', handle: acs.callback },
    { ...signed, name: 'acs-callback-any', path: 'api/acs/{callId?}', handle: acs.callback },

    { ...post, name: 'call-place', path: 'api/call', handle: api.placeCall },
    { ...post, name: 'call-screen', path: 'api/initiateOutboundCall', handle: api.placeScreeningCall },
    { ...get, name: 'call-list', path: 'api/calls', handle: api.listCalls },
    { ...get, name: 'call-show', path: 'api/calls/{callId}', handle: api.showCall },
    { ...post, name: 'call-hang-up', path: 'api/calls/{callId}/hang-up', handle: api.hangUp },
    { ...post, name: 'call-transfer', path: 'api/calls/{callId}/transfer', handle: api.transfer },
    // The scaler has a key of its own, which opens nothing else.
    { ...get, auth: 'anonymous', name: 'live-calls', path: 'api/live-calls', handle: api.showLiveCalls },
    { ...get, name: 'source-number', path: 'api/source-phone-number', handle: api.showSourceNumber },

    // Without a Twilio account there is nobody to serve.
    ...Object.entries(twilio ?? {}).map(([name, handle]): HttpRoute => {
      return { ...signed, name: `twilio-${name}`, path: `twilio/${name}`, handle };
    }),
  ];
}

export function createTimerRoutes({ reconciler, historySweep }: Services): readonly TimerRoute[] {
  return [
    { name: 'reconcile', schedule: reconcileSchedule, run: () => reconciler.run() },
    { name: 'sweep-history', schedule: historySweepSchedule, run: async () => void (await historySweep.run()) },
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
          const known = error instanceof AppError ? error : undefined;
          // To throw is to ask for the same event again, which would be no better for being repeated.
          if (known?.code === 'BAD_REQUEST') return log.error({ error }, 'malformed event dropped');
          log.error({ error }, 'an event could not be handled: Event Grid is to tell it again');
          // The host writes down what is thrown, with all that it holds: not what others said of it.
          throw known ? new AppError(known.code, known.message) : new Error('something went wrong on our side');
        }
      },
    },
  ];
}
