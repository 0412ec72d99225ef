// Builds what the functions are made of from the settings: stores, carriers, agents, and what works with them.

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { AgentRouting } from '../shared/agents/agent-routing.ts';
import { AzureCredential } from '../shared/azure-credential.ts';
import type { CallId } from '../shared/call/call.ts';
import { type Config, findAcsEndpoint, requireSettings } from '../shared/config.ts';
import { CallDialler } from '../shared/dialling/call-dialler.ts';
import { CallUrls } from '../shared/dialling/call-urls.ts';
import { createLogger, type Logger } from '../shared/logger.ts';
import { MediaTokens } from '../shared/media-token.ts';
import { logForeignSettings } from '../shared/setting-aliases.ts';
import { CallLedger } from '../shared/stores/call-ledger.ts';
import { FallbackLeases } from '../shared/stores/fallback-leases.ts';
import { HistorySweep } from '../shared/stores/history-sweep.ts';
import { openStores } from '../shared/stores/open-stores.ts';
import { StoreHealth } from '../shared/stores/store-health.ts';
import type { Stores } from '../shared/stores/stores.ts';
import { AcsTokenVerifier, findAcsOpenIdUrl } from '../shared/telephony/acs-token-verifier.ts';
import { type CallControls, createCallControls } from '../shared/telephony/call-controls.ts';
import { DialGuard } from '../shared/telephony/dial-guard.ts';
import { formatResourceAccount } from '../shared/telephony/dial-target.ts';
import { WebCallControl } from '../shared/telephony/web-call-control.ts';
import { createTools } from '../shared/tools/create-tools.ts';
import { openAgents } from '../shared/tools/working-agents.ts';
import { WatchTickets } from '../shared/watch-ticket.ts';
import { AcsCallEvents } from './acs/call-events.ts';
import { EventGridDispatcher } from './acs/event-grid-dispatcher.ts';
import { type AcsHandlers, createAcsHandlers } from './acs/handlers.ts';
import { AcsIncomingCalls } from './acs/incoming-calls.ts';
import { AcsLinesBusy } from './acs/lines-busy.ts';
import { CallEndedEvents } from './after-call/call-ended-events.ts';
import type { CallerForgetting } from './after-call/caller-forgetting.ts';
import type { EndedCalls } from './after-call/ended-calls.ts';
import type { Retention } from './after-call/retention.ts';
import type { SettlementSweep } from './after-call/settlement-sweep.ts';
import { createAfterCall } from './after-call-services.ts';
import { CallList } from './api/call-list.ts';
import { CallOperations } from './api/call-operations.ts';
import { type ApiHandlers, createApiHandlers } from './api/handlers.ts';
import { OperatorActs } from './api/operator-acts.ts';
import { OutboundCalls } from './api/outbound-calls.ts';
import { createOutboundLines } from './api/outbound-lines.ts';
import { PageCalls } from './api/page-calls.ts';
import { RealtimeSecrets } from './api/realtime-secrets.ts';
import { createRecordHandlers, type RecordHandlers } from './api/record-handlers.ts';
import { createSessionHandler } from './api/session-handler.ts';
import { createTalkEndHandler } from './api/talk-end-handler.ts';
import { createTalkHandler } from './api/talk-handler.ts';
import { createApiDoor } from './api-door.ts';
import { ClientDoor } from './clients/client-door.ts';
import { type ConsoleHandlers, createConsoleHandlers } from './console/handlers.ts';
import { Consultations } from './consultations.ts';
import { Reconciler } from './reconciler/reconciler.ts';
import { RecordedAnnouncements } from './recorded-announcements.ts';
import type { AcsRecordingEvents } from './recordings/acs-recording-events.ts';
import type { UndeliveredRecordings } from './recordings/undelivered-recordings.ts';
import type { RouteHandler } from './route-handler.ts';
import { CallOutcomes } from './telemetry/call-outcomes.ts';
import { Refusals } from './telemetry/refusals.ts';
import { createTwilioHandlers, type TwilioHandlers } from './twilio/handlers.ts';

const openAiScope = 'https://cognitiveservices.azure.com/.default';
/** Beside this file as a source, and beside the bundle that it is in. */
const consoleFolder = fileURLToPath(new URL('./console-pages', import.meta.url));
const announcementsFolder = fileURLToPath(new URL('./announcements', import.meta.url));
/** For each store; the host kills what has not ended in five seconds. */
const lastWordsMs = 2_000;

export interface Services {
  readonly log: Logger;
  /** Around each handler of a route that wants a key. */
  readonly guardHooks: (handle: RouteHandler) => RouteHandler;
  readonly acs: AcsHandlers;
  readonly api: ApiHandlers;
  readonly record: RecordHandlers;
  /** Undefined without a Twilio account. */
  readonly twilio: TwilioHandlers | undefined;
  readonly eventGrid: EventGridDispatcher;
  readonly callEnded: CallEndedEvents;
  readonly recordingEvents: AcsRecordingEvents;
  /** Fetches recordings whose events Event Grid could not deliver. */
  readonly undelivered: UndeliveredRecordings;
  /** Settles calls that nobody has settled. */
  readonly settlementSweep: SettlementSweep;
  readonly forgetting: CallerForgetting;
  readonly retention: Retention;
  readonly reconciler: Reconciler;
  readonly announcements: RecordedAnnouncements;
  readonly refusals: Refusals;
  /** Writes to the history what other processes owed it when they died. */
  readonly historySweep: HistorySweep;
  readonly console: ConsoleHandlers;
  /** Who is served by the API. */
  readonly door: ClientDoor;
  close(): Promise<void>;
}

/** What the caller brings is the caller's to close. */
export interface ServiceOverrides {
  readonly stores?: Stores;
  readonly log?: Logger;
  readonly controls?: CallControls;
}

/** Throws BAD_SETTING. Waits for no store. */
export async function createServices(config: Config, overrides: ServiceOverrides = {}): Promise<Services> {
  const log = overrides.log ?? createLogger({ level: config.LOG_LEVEL, showPii: config.LOG_PII, service: 'functions' });
  logForeignSettings(config.foreign, log);
  const needed = requireSettings(config, 'functions', ['PUBLIC_URL', 'BRIDGE_URL', 'MEDIA_TOKEN_SECRET']);
  const agents = openAgents(config, log, { tellsWebhooks: true });
  const routing = new AgentRouting(agents, config);
  const { defaultAgent } = routing;
  const phones = overrides.controls ?? createCallControls(config);
  if (phones.size === 0) log.warn('no carrier is configured: no call can be answered or placed');

  const stores = overrides.stores ?? (await openStores(config, { log }));
  const tools = createTools(config, { ...stores, log });
  const { stream, leases, history, dialCounts, bridgeLoads } = stores;
  const outcomes = new CallOutcomes({ find: (callId) => ledger.findLive(callId), log });
  let ended: EndedCalls | undefined;
  const ledger = new CallLedger(stream, history, log, (event) => {
    outcomes.observe(event);
    ended?.note(event);
  });
  const afterCall = await createAfterCall({ config, stores, ledger, agents, log });
  ended = afterCall.ended;
  // What a caller waits for is done without the store if need be.
  const ownLeases = new FallbackLeases(leases);
  const { PUBLIC_URL: publicUrl, BRIDGE_URL: bridgeUrl } = needed;
  const tokens = new MediaTokens(needed.MEDIA_TOKEN_SECRET);
  const urls = new CallUrls({ publicUrl, bridgeUrl, tokens });
  const isOver = async (callId: string) => (await ledger.find(callId as CallId))?.phase === 'ended';
  const guard = new DialGuard({ settings: config, counts: dialCounts, log, isOver });
  const web = new WebCallControl({
    end: async (callId) => {
      const reason = (await ledger.find(callId))?.askedToEnd ?? 'operator-hung-up';
      await ledger.record(callId, { type: 'call-ended', reason }, { id: 'call-ended' });
    },
  });
  const controls: CallControls = new Map([...phones, ['web', web] as const]);
  const pageCalls = new PageCalls({ ledger, bridgeLoads, tokens, bridgeUrl });
  const acs = controls.get('acs');
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken } = config;
  const lines = createOutboundLines(config, phones);
  const dialler = new CallDialler({ ledger, urls, log });
  const announcements = new RecordedAnnouncements({ folder: announcementsFolder, publicUrl });
  const consultations = new Consultations({ ledger, controls, log });
  const linesBusy = acs && new AcsLinesBusy({ ledger, control: acs, agents, announcements });
  const incoming = new AcsIncomingCalls({
    ledger,
    leases,
    control: acs,
    urls,
    bridgeLoads,
    linesBusy: config.WHEN_FULL === 'say' ? linesBusy : undefined,
    ourLines: findAcsLines(config),
    routing,
    log,
  });
  const eventGrid = new EventGridDispatcher({ incoming, log });
  const hasSignIn = config.WEBSITE_AUTH_ENABLED;
  const acts = new OperatorActs({ ledger, log });
  const operations = new CallOperations({
    ledger,
    list: new CallList({ ledger, stream, history }),
    controls,
    agents,
    guard,
    outcomes: afterCall.outcomes,
    settlement: afterCall.settlement,
    log,
  });
  return {
    log,
    record: createRecordHandlers({ operations, acts, forgetting: afterCall.forgetting, files: afterCall.files }),
    guardHooks: createApiDoor({ isOnAzure: config.isOnAzure, apiKey: config.API_KEY }),
    door: new ClientDoor({
      apiKey: config.API_KEY,
      isOnAzure: config.isOnAzure,
      hasSignIn,
      publicUrl,
      corsOrigins: config.CORS_ORIGINS,
    }),
    console: createConsoleHandlers({
      voiceUrl: config.AZURE_OPENAI_ENDPOINT,
      folder: consoleFolder,
      bridgeUrl,
      hasSignIn,
    }),
    eventGrid,
    recordingEvents: afterCall.recordingEvents,
    undelivered: afterCall.undelivered,
    callEnded: new CallEndedEvents({ settlement: afterCall.settlement, log }),
    settlementSweep: afterCall.sweep,
    forgetting: afterCall.forgetting,
    retention: afterCall.retention,
    announcements,
    refusals: new Refusals(),
    reconciler: new Reconciler({ ledger, stream, history, leases, bridgeLoads, controls, log }),
    historySweep: new HistorySweep({ ledger, stream, leases, owner: `functions-${randomUUID()}`, log }),
    acs: createAcsHandlers({
      callbacks: linesBusy && {
        tokens: createAcsTokenVerifier(config, log),
        events: new AcsCallEvents({
          ledger,
          leases: ownLeases,
          control: acs!,
          agents,
          announcements,
          bridgeLoads,
          linesBusy,
          consultations,
          log,
        }),
      },
      eventGrid,
    }),
    api: createApiHandlers({
      outbound: new OutboundCalls({ ledger, bridgeLoads, guard, dialler, lines, agents, defaultAgent }),
      operations,
      acts,
      mintSession: createSessionHandler({
        agents,
        defaultAgent,
        tools,
        secrets: createRealtimeSecrets(config),
        pageCalls,
        counts: ownLeases,
      }),
      talk: createTalkHandler({ pageCalls, counts: ownLeases, agents, defaultAgent }),
      endTalk: createTalkEndHandler({ ledger, tokens }),
      counts: ownLeases,
      agents,
      defaultAgent,
      tools,
      tickets: new WatchTickets(needed.MEDIA_TOKEN_SECRET),
      bridgeUrl,
      scaleKey: config.SCALE_KEY,
      sourceNumber: config.ACS_PHONE_NUMBER ?? config.TWILIO_PHONE_NUMBER,
      bridgeLoads,
      health: new StoreHealth(stores, ledger),
      log,
    }),
    twilio:
      accountSid === undefined || authToken === undefined
        ? undefined
        : createTwilioHandlers({
            accountSid,
            authToken,
            publicUrl,
            bridgeUrl,
            ledger,
            bridgeLoads,
            whenFull: config.WHEN_FULL,
            keeper: afterCall.keeper,
            consultations,
            giveBack: async (call) =>
              controls
                .get('twilio')
                ?.restartMedia(call)
                .catch((error: unknown) => log.warn({ error }, 'a caller could not be given back yet')),
            leases: ownLeases,
            dialCounts,
            tokens,
            agents,
            routing,
            log,
          }),
    close: async () => {
      await afterCall.ended.close(lastWordsMs);
      await ledger.close(lastWordsMs);
      if (!overrides.stores) await stores.close();
    },
  };
}

function createRealtimeSecrets(config: Config): RealtimeSecrets | undefined {
  const { AZURE_OPENAI_ENDPOINT: endpoint, AZURE_OPENAI_API_KEY: key } = config;
  if (endpoint === undefined) return undefined;
  const token = key === undefined ? new AzureCredential().createTokenProvider(openAiScope) : undefined;
  return new RealtimeSecrets({
    endpoint,
    deployment: config.AZURE_OPENAI_REALTIME_DEPLOYMENT,
    transcriptionDeployment: config.AZURE_OPENAI_TRANSCRIPTION_DEPLOYMENT,
    authorize: async (): Promise<Record<string, string>> =>
      token ? { authorization: `Bearer ${await token()}` } : { 'api-key': key! },
  });
}

function createAcsTokenVerifier(config: Config, log: Logger): AcsTokenVerifier {
  const { ACS_RESOURCE_ID: resourceId, ACS_OPENID_URL } = config;
  if (resourceId === undefined)
    log.warn('ACS_RESOURCE_ID is not set: callbacks meant for any other ACS resource are believed too');
  return new AcsTokenVerifier({ openIdUrl: findAcsOpenIdUrl(ACS_OPENID_URL, findAcsEndpoint(config)), resourceId });
}

/** Empty: every call to the resource is ours. */
function findAcsLines(config: Config): readonly string[] {
  const { ACS_PHONE_NUMBER: number, TEAMS_RESOURCE_ACCOUNT: account, AGENT_NUMBERS: routes } = config;
  const lines = [...(number ? [number] : []), ...(account ? [formatResourceAccount(account)] : [])];
  return lines.length > 0 ? [...lines, ...Object.keys(routes)] : lines;
}
