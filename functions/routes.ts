// Every route and trigger of the app as data: its name, its path, who may use it, and what handles it.
import { AppError } from '../shared/errors.ts';
import type { Logger } from '../shared/logger.ts';
import { forgettingSchedule } from './after-call/caller-forgetting.ts';
import { retentionSchedule } from './after-call/retention.ts';
import { settlementSchedule } from './after-call/settlement-sweep.ts';
import { createDocsHandler } from './console/docs-page.ts';
import { createOpenApiDocument } from './console/openapi.ts';
import type { HttpRoute } from './http-route.ts';
import { reconcileSchedule } from './reconciler/reconciler.ts';
import { undeliveredSchedule } from './recordings/undelivered-recordings.ts';
import type { Services } from './services.ts';

/** Between two rounds of reconciling. */
const historySweepSchedule = '15 * * * * *';

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

export function createHttpRoutes(services: Services): readonly HttpRoute[] {
  const { acs, api, record, announcements, console, twilio } = services;
  const open = { methods: ['GET'], auth: 'anonymous' } as const;
  // Pages of other origins ask by OPTIONS whether they may.
  const look = { methods: ['GET', 'OPTIONS'], auth: 'viewer' } as const;
  const act = { methods: ['POST', 'OPTIONS'], auth: 'operator' } as const;
  // Event Grid's web hooks carry the key in their address.
  const hook = { methods: ['POST', 'OPTIONS'], auth: 'function' } as const;
  const signed = { methods: ['POST'], auth: 'anonymous' } as const;
  const routes: HttpRoute[] = [
    { ...open, name: 'health', path: 'healthz', handle: api.health },
    // ACS fetches it without a key.
    { ...open, name: 'announcement', path: 'announcements/{language}/{file}', handle: announcements.serve },

    // A page holds nothing that is secret: what it shows it asks the API for. An empty route is none for Azure's host.
    { ...open, name: 'console', path: '{root:maxlength(0)?}', handle: console.page },
    { ...open, name: 'console-files', path: 'assets/{file}', handle: console.file },
    { ...open, name: 'console-settings', path: 'runtime-config.js', handle: console.settings },

    { ...hook, name: 'hook-calls', path: 'api/incomingCall', handle: acs.eventGrid },
    { ...hook, name: 'hook-events', path: 'api/callbacks', handle: acs.eventGrid },
    { ...signed, name: 'acs-callback', path: 'api/callbacks/{callId}', handle: acs.callback },
    { ...signed, name: 'acs-callback-any', path: 'api/acs/{callId?}', handle: acs.callback },

    { ...act, name: 'call-place', path: 'api/call', handle: api.placeCall },
    { ...act, name: 'call-screen', path: 'api/initiateOutboundCall', handle: api.placeScreeningCall },
    { ...look, name: 'call-list', path: 'api/calls', handle: api.listCalls },
    { ...look, name: 'call-show', path: 'api/calls/{callId}', handle: api.showCall },
    { ...act, name: 'call-hang-up', path: 'api/calls/{callId}/hang-up', handle: api.hangUp },
    { ...act, name: 'call-keys', path: 'api/calls/{callId}/keys', handle: api.sendKeys },
    { ...act, name: 'call-transfer', path: 'api/calls/{callId}/transfer', handle: api.transfer },
    { ...act, name: 'call-outcome', path: 'api/calls/{callId}/outcome', handle: record.askForOutcome },
    { ...act, name: 'call-notes', path: 'api/calls/{callId}/notes-done', handle: record.closeNotes },
    { ...look, name: 'call-recording', path: 'api/calls/{callId}/recording', handle: record.playRecording },
    { ...look, name: 'call-peaks', path: 'api/calls/{callId}/peaks', handle: record.showPeaks },
    { ...act, name: 'caller-forget', path: 'api/callers/forget', handle: record.forgetCaller },
    { ...look, name: 'caller-forgotten', path: 'api/callers/forget/{requestId}', handle: record.showForgetting },
    { ...act, name: 'session', path: 'api/session', handle: api.mintSession },
    { ...act, name: 'function-call', path: 'api/function-call', handle: api.callFunction },
    { ...act, name: 'talk', path: 'api/talk', handle: api.talk },
    { ...act, name: 'talk-end', path: 'api/talk/hang-up', handle: api.endTalk },
    { ...look, name: 'agent-list', path: 'api/agents', handle: api.listAgents },
    { ...look, name: 'tool-list', path: 'api/tools', handle: api.listTools },
    { ...look, name: 'statistics', path: 'api/statistics', handle: api.showStatistics },
    { ...look, name: 'client', path: 'api/me', handle: api.showClient },
    {
      ...look,
      methods: ['POST', 'OPTIONS'],
      name: 'watch-ticket',
      path: 'api/watch-tickets',
      handle: api.mintWatchTicket,
    },
    { ...look, name: 'source-number', path: 'api/source-phone-number', handle: api.showSourceNumber },
    // The scaler has a key of its own, which opens nothing else.
    { ...open, name: 'live-calls', path: 'api/live-calls', handle: api.showLiveCalls },

    // Without a Twilio account there is nobody to serve.
    ...Object.entries(twilio ?? {}).map(([name, handle]): HttpRoute => {
      return { ...signed, name: `twilio-${name}`, path: `twilio/${name}`, handle };
    }),
  ];
  const document = createOpenApiDocument(routes);
  return [
    ...routes,
    { ...open, name: 'api-document', path: 'api/openapi.json', handle: async () => ({ jsonBody: document }) },
    { ...open, name: 'api-docs', path: 'api/docs', handle: createDocsHandler(document) },
  ];
}

export function createTimerRoutes(services: Services): readonly TimerRoute[] {
  const { reconciler, historySweep, settlementSweep, undelivered, forgetting, retention } = services;
  return [
    { name: 'reconcile', schedule: reconcileSchedule, run: () => reconciler.run() },
    { name: 'settle-calls', schedule: settlementSchedule, run: () => settlementSweep.run() },
    { name: 'fetch-recordings', schedule: undeliveredSchedule, run: () => undelivered.run() },
    { name: 'forget-callers', schedule: forgettingSchedule, run: () => forgetting.run() },
    { name: 'forget-old', schedule: retentionSchedule, run: () => retention.run() },
    { name: 'sweep-history', schedule: historySweepSchedule, run: async () => void (await historySweep.run()) },
  ];
}

export function createEventGridRoutes({
  eventGrid,
  callEnded,
  recordingEvents,
  log,
}: Services): readonly EventGridRoute[] {
  const route = (name: string, receive: (event: unknown) => Promise<void>): EventGridRoute => {
    return { name, receive: (event) => receiveOrDrop(() => receive(event), log) };
  };
  return [
    route('incomingCall', (event) => eventGrid.receiveRaw(event)),
    route('recordingReady', (event) => recordingEvents.receiveRaw(event)),
    route('callEnded', (event) => callEnded.receiveRaw(event)),
  ];
}

/** To throw is to ask for the same event again. */
async function receiveOrDrop(receive: () => Promise<void>, log: Logger): Promise<void> {
  try {
    await receive();
  } catch (error) {
    const known = error instanceof AppError ? error : undefined;
    // Which would be no better for being repeated.
    if (known?.code === 'BAD_REQUEST') return log.error({ error }, 'malformed event dropped');
    log.error({ error }, 'an event could not be handled: Event Grid is to tell it again');
    // The host writes down what is thrown, with all that it holds: not what others said of it.
    throw known ? new AppError(known.code, known.message) : new Error('something went wrong on our side');
  }
}
