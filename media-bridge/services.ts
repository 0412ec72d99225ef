// Builds what the bridge is made of from its settings: the only place where clients of cloud services are made.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { AgentProfile } from '../shared/agents/agent.ts';
import { AgentRouting } from '../shared/agents/agent-routing.ts';
import type { CallId } from '../shared/call/call.ts';
import { createCallerKeys } from '../shared/caller-keys.ts';
import { type Config, findAcsEndpoint, isLoopback, requireSettings } from '../shared/config.ts';
import { CallDialler } from '../shared/dialling/call-dialler.ts';
import { CallUrls } from '../shared/dialling/call-urls.ts';
import { AppError } from '../shared/errors.ts';
import { createLogger, type Logger } from '../shared/logger.ts';
import { MediaTokens } from '../shared/media-token.ts';
import { loadRecordingFiles } from '../shared/recordings/open-recording-files.ts';
import { logForeignSettings } from '../shared/setting-aliases.ts';
import { CallLedger } from '../shared/stores/call-ledger.ts';
import { HistorySweep } from '../shared/stores/history-sweep.ts';
import { openStores } from '../shared/stores/open-stores.ts';
import { StoreHealth } from '../shared/stores/store-health.ts';
import type { Stores } from '../shared/stores/stores.ts';
import { StartedCalls } from '../shared/telemetry/started-calls.ts';
import { AcsTokenVerifier, findAcsOpenIdUrl } from '../shared/telephony/acs-token-verifier.ts';
import { type CallControls, createCallControls, createCarrierRecordings } from '../shared/telephony/call-controls.ts';
import { DialGuard } from '../shared/telephony/dial-guard.ts';
import { createTools } from '../shared/tools/create-tools.ts';
import type { ToolRegistry } from '../shared/tools/registry.ts';
import { openAgents } from '../shared/tools/working-agents.ts';
import { WatchTickets } from '../shared/watch-ticket.ts';
import { type AudioFormat, pcm16k, pcm24k } from './audio/audio-format.ts';
import { MediaCounts } from './audio/media-counts.ts';
import { AgentVersions } from './call/agent-versions.ts';
import { CallOpener } from './call/call-opener.ts';
import { CallRegistry } from './call/call-registry.ts';
import { CallerRecollections } from './call/caller-recollection.ts';
import { OpeningPace } from './call/opening-pace.ts';
import { PastCalls } from './call/past-calls.ts';
import type { TransferMeans } from './call/transfer/transfer-permits.ts';
import { RecordedAnnouncements } from './recorded-announcements.ts';
import { BridgeGauges } from './telemetry/bridge-gauges.ts';
import { CallTelemetry } from './telemetry/call-telemetry.ts';
import { createDirectHangUp, createDirectJoin, createVoiceModels } from './voice-model-services.ts';
import { WebCalls } from './web-calls.ts';

/** The functions look as often: whoever comes first does it. */
const sweepEveryMs = 60_000;
/** A store that hiccups gets what the last calls said; a process that is told to stop has little longer. */
const lastWordsMs = 5_000;

export interface BridgeServices {
  readonly config: Config;
  /** This process, among all that hold calls. */
  readonly replica: string;
  readonly log: Logger;
  readonly stores: Stores;
  readonly tokens: MediaTokens;
  /** Of browsers that watch. */
  readonly watchTickets: WatchTickets;
  /** Absent when ACS_RESOURCE_ID is not set: then ACS's own token is not asked for, and only this machine may be ACS. */
  readonly acsTokens: AcsTokenVerifier | undefined;
  readonly acsFormat: AudioFormat;
  readonly mediaCounts: MediaCounts;
  readonly registry: CallRegistry;
  readonly webCalls: WebCalls;
  readonly controls: CallControls;
  readonly ledger: CallLedger;
  readonly pastCalls: PastCalls;
  readonly health: StoreHealth;
  readonly opener: CallOpener;
  readonly openingPace: OpeningPace;
  close(): Promise<void>;
}

/** Throws BAD_SETTING before anything listens. Stores that are given are shared with another part, and closed by it. */
export async function createBridgeServices(
  config: Config,
  given: { stores?: Stores; log?: Logger } = {},
): Promise<BridgeServices> {
  const log = given.log ?? createLogger({ level: config.LOG_LEVEL, showPii: config.LOG_PII, service: 'media-bridge' });
  logForeignSettings(config.foreign, log);
  const { MEDIA_TOKEN_SECRET } = requireSettings(config, 'the media bridge', ['MEDIA_TOKEN_SECRET']);
  if (!isLoopback(config.HOST) && config.API_KEY === undefined) {
    throw new AppError(
      'BAD_SETTING',
      'Missing setting: API_KEY (wanted since HOST lets other machines watch live calls)',
    );
  }
  const agents = openAgents(config, log);
  const { defaultAgent } = new AgentRouting(agents, config);

  const replica = `${hostname()}-${randomUUID().slice(0, 8)}`;
  const stores = given.stores ?? (await openStores(config, { replica, log }));
  const tools = createTools(config, { ...stores, log });
  for (const agent of agents.values()) {
    warnOfMissing(agent, tools, log);
    void tools.prepare(agent);
  }
  const started = new StartedCalls();
  const ledger = new CallLedger(stores.stream, stores.history, log, (event) => started.observe(event));
  const sweep = new HistorySweep({ ...stores, ledger, owner: replica, log });
  sweep.start(sweepEveryMs);
  const webCalls = new WebCalls({
    replica,
    ledger,
    leases: stores.leases,
    hangUpDirect: createDirectHangUp(config),
    log,
  });
  const controls = new Map([...createCallControls(config), ['web', webCalls.control] as const]);
  const models = createVoiceModels(config, { leases: stores.leases, log });
  const registry = new CallRegistry({ maxCalls: config.MAX_CALLS, log });
  const mediaCounts = new MediaCounts();
  const telemetry = new CallTelemetry(log);
  const gauges = new BridgeGauges({ registry, mediaCounts, ledger });
  const tokens = new MediaTokens(MEDIA_TOKEN_SECRET);
  const opener = new CallOpener({
    replica,
    agents: new AgentVersions({ agents, defaultAgent, lookUps: stores.lookUps, log }),
    systemPrompt: config.SYSTEM_PROMPT,
    tools,
    ledger,
    stream: stores.stream,
    leases: stores.leases,
    dialCounts: stores.dialCounts,
    tokens,
    controls,
    recordings: createCarrierRecordings(config),
    files: await loadRecordingFiles(config),
    announcements: new RecordedAnnouncements(fileURLToPath(new URL('./announcements', import.meta.url))),
    watch: (call) => telemetry.watch(call),
    log,
    transfers: createTransferMeans(config, { ledger, stores, tokens, log }),
    preferredModel: config.VOICE_MODEL,
    turnDecider: config.TURN_TAKING,
    models,
    joinDirect: createDirectJoin(config, log),
  });
  const recollections = new CallerRecollections({
    callers: stores.callers,
    history: stores.history,
    keys: createCallerKeys(config),
    agents,
    log,
  });
  return {
    config,
    replica,
    log,
    stores,
    tokens,
    watchTickets: new WatchTickets(MEDIA_TOKEN_SECRET),
    acsTokens: createAcsTokenVerifier(config),
    acsFormat: config.ACS_AUDIO_FORMAT === 'pcm24k' ? pcm24k : pcm16k,
    registry,
    mediaCounts,
    webCalls,
    health: new StoreHealth(stores, ledger),
    controls,
    ledger,
    pastCalls: new PastCalls({ stream: stores.stream, history: stores.history, recollections, log }),
    opener,
    openingPace: new OpeningPace(),
    async close() {
      gauges.close();
      sweep.stop();
      await webCalls.close(lastWordsMs);
      await ledger.close(lastWordsMs);
      if (!given.stores) await stores.close();
    },
  };
}

function warnOfMissing(agent: AgentProfile, tools: ToolRegistry, log: Logger): void {
  const missing = tools.findMissing(agent);
  if (missing.length > 0)
    log.warn({ agent: agent.name, tools: missing }, 'an agent goes without tools whose services are not set up here');
}

function createAcsTokenVerifier(config: Config): AcsTokenVerifier | undefined {
  const { ACS_RESOURCE_ID: resourceId, ACS_OPENID_URL } = config;
  if (resourceId === undefined) return undefined;
  return new AcsTokenVerifier({ resourceId, openIdUrl: findAcsOpenIdUrl(ACS_OPENID_URL, findAcsEndpoint(config)) });
}

/** Undefined where the settings do not say at what addresses carriers reach us: then nobody can be rung from here. */
function createTransferMeans(
  config: Config,
  { ledger, stores, tokens, log }: { ledger: CallLedger; stores: Stores; tokens: MediaTokens; log: Logger },
): TransferMeans | undefined {
  const { PUBLIC_URL: publicUrl, BRIDGE_URL: bridgeUrl } = config;
  if (publicUrl === undefined || bridgeUrl === undefined) {
    log.warn('PUBLIC_URL or BRIDGE_URL is not set: callers are handed over to nobody');
    return undefined;
  }
  const isOver = async (callId: string) => (await ledger.find(callId as CallId))?.phase === 'ended';
  return {
    dialler: new CallDialler({ ledger, urls: new CallUrls({ publicUrl, bridgeUrl, tokens }), log }),
    guard: new DialGuard({ settings: config, counts: stores.dialCounts, log, isOver }),
  };
}
