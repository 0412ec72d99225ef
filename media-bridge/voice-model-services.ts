// The voice models that the settings name, each with its clients.
import OpenAI from 'openai';
import { AzureCredential } from '../shared/azure-credential.ts';
import { type VoiceModelKind, voiceModelKinds } from '../shared/call/call.ts';
import { type Config, findMissing, type SettingName } from '../shared/config.ts';
import { AppError } from '../shared/errors.ts';
import type { Logger } from '../shared/logger.ts';
import type { CallLeases } from '../shared/stores/call-leases.ts';
import { AnswerBudget } from './voice-models/cascade/answer-budget.ts';
import { type CascadeDependencies, openCascade } from './voice-models/cascade/open-cascade.ts';
import { guessReasoningEffort } from './voice-models/cascade/reasoning.ts';
import { ConnectionBudget } from './voice-models/realtime/connection-budget.ts';
import {
  createOpenAiDialect,
  createSidebandDialect,
  type OpenAiRealtimeSettings,
} from './voice-models/realtime/openai-dialect.ts';
import { createRealtimeHangUp, type HangUpDirect } from './voice-models/realtime/realtime-hang-up.ts';
import { openRealtimeModel, type RealtimeModelDependencies } from './voice-models/realtime/realtime-model.ts';
import { createVoiceLiveDialect } from './voice-models/realtime/voice-live-dialect.ts';
import type { OpenVoiceModel } from './voice-models/voice-model.ts';

const openAiScope = 'https://cognitiveservices.azure.com/.default';
const voiceLiveScope = 'https://ai.azure.com/.default';
const endpoints = {
  'gpt-realtime': ['AZURE_OPENAI_ENDPOINT'],
  'voice-live': ['AZURE_VOICE_LIVE_ENDPOINT'],
  cascade: ['AZURE_SPEECH_ENDPOINT', 'AZURE_OPENAI_ENDPOINT'],
} as const satisfies Record<VoiceModelKind, readonly SettingName[]>;
/** A sentence is waiting: the client's own ten minutes and its back-off are for batch work. */
const chatTimeoutMs = 15_000;
const chatRetries = 1;

/** One for all who have no key; none is made when all have. */
type Identity = () => AzureCredential;

interface Dependencies {
  readonly leases: CallLeases;
  readonly log: Logger;
}

/** Throws BAD_SETTING when there is none, or when VOICE_MODEL names one that is not set up. */
export function createVoiceModels(
  config: Config,
  { leases, log }: Dependencies,
): ReadonlyMap<VoiceModelKind, OpenVoiceModel> {
  let credential: AzureCredential | undefined;
  const identity = () => (credential ??= new AzureCredential());
  const found: Record<VoiceModelKind, OpenVoiceModel | undefined> = {
    'gpt-realtime': findRealtime(config, identity, log),
    'voice-live': findVoiceLive(config, identity, leases, log),
    cascade: findCascade(config, identity, log),
  };
  const preferred = config.VOICE_MODEL;
  if (preferred && !found[preferred]) throw new AppError('BAD_SETTING', `VOICE_MODEL: ${tellWants(config, preferred)}`);
  const models = new Map<VoiceModelKind, OpenVoiceModel>();
  for (const kind of voiceModelKinds) {
    const open = found[kind];
    if (open) models.set(kind, open);
  }
  if (models.size === 0) {
    const wants = voiceModelKinds.map((kind) => tellWants(config, kind)).join('; or ');
    throw new AppError('BAD_SETTING', `The bridge needs a voice model: ${wants}`);
  }
  return models;
}

/** Names only what is missing. */
function tellWants(config: Config, kind: VoiceModelKind): string {
  return `${kind} wants ${findMissing(config, endpoints[kind]).join(' and ')}`;
}

function findRealtime(config: Config, identity: Identity, log: Logger): OpenVoiceModel | undefined {
  const service = createRealtimeService(config, identity);
  return service && ((options) => openRealtimeModel({ ...service, log }, options));
}

/** Undefined when no setting names a resource. */
export function createRealtimeService(
  config: Config,
  identity: Identity,
): Pick<RealtimeModelDependencies, 'dialect' | 'access'> | undefined {
  const settings = findRealtimeSettings(config);
  return settings && { dialect: createOpenAiDialect(settings), access: createRealtimeAccess(config, identity) };
}

/** For pages that have a session of their own with the service. Undefined when no setting names a resource. */
export function createDirectJoin(
  config: Config,
  log: Logger,
): ((direct: { readonly realtimeCallId: string; end(): void }) => OpenVoiceModel) | undefined {
  const settings = findRealtimeSettings(config);
  if (!settings) return undefined;
  const access = createRealtimeAccess(config, () => new AzureCredential());
  return (direct) => {
    const dialect = createSidebandDialect(settings, direct.realtimeCallId);
    return (options) => openRealtimeModel({ dialect, access, onOver: () => direct.end(), log }, options);
  };
}

/** For the same pages. */
export function createDirectHangUp(config: Config): HangUpDirect | undefined {
  const { AZURE_OPENAI_ENDPOINT: endpoint } = config;
  if (!endpoint) return undefined;
  return createRealtimeHangUp({ endpoint, ...createRealtimeAccess(config, () => new AzureCredential()) });
}

function findRealtimeSettings(config: Config): OpenAiRealtimeSettings | undefined {
  const { AZURE_OPENAI_ENDPOINT: endpoint } = config;
  return endpoint
    ? {
        endpoint,
        deployment: config.AZURE_OPENAI_REALTIME_DEPLOYMENT,
        transcriptionDeployment: config.AZURE_OPENAI_TRANSCRIPTION_DEPLOYMENT,
      }
    : undefined;
}

function createRealtimeAccess({ AZURE_OPENAI_API_KEY: apiKey }: Config, identity: Identity) {
  return apiKey ? { apiKey } : { getToken: identity().createTokenProvider(openAiScope) };
}

function findVoiceLive(
  config: Config,
  identity: Identity,
  leases: CallLeases,
  log: Logger,
): OpenVoiceModel | undefined {
  const { AZURE_VOICE_LIVE_ENDPOINT: endpoint, AZURE_VOICE_LIVE_API_KEY: apiKey, VOICE_LIVE_MODEL: model } = config;
  if (!endpoint) return undefined;
  const dialect = createVoiceLiveDialect({ endpoint, model });
  const access = apiKey ? { apiKey } : { getToken: identity().createTokenProvider(voiceLiveScope) };
  const budget = new ConnectionBudget({
    leases,
    name: dialect.service,
    perMinute: config.VOICE_LIVE_CONNECTIONS_PER_MINUTE,
  });
  return (options) => openRealtimeModel({ dialect, access, budget, log }, options);
}

function findCascade(config: Config, identity: Identity, log: Logger): OpenVoiceModel | undefined {
  const { AZURE_SPEECH_ENDPOINT: speechEndpoint, AZURE_SPEECH_KEY: speechKey } = config;
  const chat = createChatService(config, identity);
  if (!speechEndpoint || !chat) return undefined;
  const credential = speechKey ? undefined : identity();
  const services = { speechEndpoint, speechKey, credential, ...chat, log };
  return (options) => openCascade(services, options);
}

/** Undefined when no setting names a resource. */
export function createChatService(
  config: Config,
  identity: Identity,
): Pick<CascadeDependencies, 'chatClient' | 'chatDeployment' | 'chatBudget'> | undefined {
  const { AZURE_OPENAI_ENDPOINT: endpoint, AZURE_OPENAI_CHAT_DEPLOYMENT: chatDeployment } = config;
  if (!endpoint) return undefined;
  const chatClient = new OpenAI({
    baseURL: `${endpoint}/openai/v1/`,
    apiKey: config.AZURE_OPENAI_API_KEY ?? identity().createTokenProvider(openAiScope),
    timeout: chatTimeoutMs,
    maxRetries: chatRetries,
    // It would write to the console, past our log and what that hides.
    logLevel: 'off',
  });
  const chatBudget = new AnswerBudget(
    config.AZURE_OPENAI_CHAT_REASONING_EFFORT ?? guessReasoningEffort(chatDeployment),
  );
  return { chatClient, chatDeployment, chatBudget };
}
