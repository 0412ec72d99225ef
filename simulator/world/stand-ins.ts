// Everything outside the product, on this machine: carriers, Event Grid, voice models, and a voice for the people who call.
import { randomBytes } from 'node:crypto';
import { type Acs, startAcs } from '../acs/acs.ts';
import { Brain, type BrainRules } from '../chat/brain.ts';
import { type ChatService, startChat } from '../chat/chat-service.ts';
import { receptionistRules } from '../chat/receptionist-phrases.ts';
import { createEventGrid } from '../event-grid/event-grid.ts';
import { type Ingestion, type IngestionOptions, startIngestion } from '../ingestion/ingestion.ts';
import { type MapsService, startMaps } from '../maps/maps-service.ts';
import { type RealtimeOptions, type RealtimeService, startRealtime } from '../realtime/realtime-service.ts';
import { openJobs } from '../search/jobs.ts';
import { type SearchService, startSearch } from '../search/search-service.ts';
import { type SpeechService, startSpeech } from '../speech/speech-service.ts';
import { startTwilio, type Twilio } from '../twilio/twilio.ts';
import { openPhraseBook } from '../voice/phrase-book.ts';
import type { OpenEar } from '../voice/service-ear.ts';
import { agentVoice, openSpeech, type Speak, type SpeechEngine } from '../voice/speech.ts';
import { startOpenAiFront } from './openai-front.ts';
import type { Settings } from './product.ts';

export interface StandInOptions {
  /** Where the product will be: it is told to the carriers. */
  readonly functionsUrl: string;
  readonly bridgeUrl: string;
  /** 0.1: ringing and retries go ten times as fast; audio never does. */
  readonly timeScale?: number;
  readonly realtimeTiming?: RealtimeOptions['timing'];
  /** The realtime deployment the product is set to; `echo` says what it hears. */
  readonly deployment?: string;
  /** What the stand-in models know to answer. */
  readonly rules?: BrainRules;
  /** What its services hear with, in place of energy and known phrases. */
  readonly openEar?: OpenEar;
  /** The voice of everybody and everything, made of the engine's. */
  readonly changeVoice?: (speak: Speak) => Speak;
  /** What the stand-in recognition also knows when it comes back in the agent's voice. */
  readonly echoes?: readonly string[];
  /** Where the product's telemetry goes; without it there is none. */
  readonly telemetry?: IngestionOptions;
}

export interface StandIns {
  readonly acs: Acs;
  readonly twilio: Twilio;
  readonly realtime: RealtimeService;
  readonly speech: SpeechService;
  readonly chat: ChatService;
  readonly search: SearchService;
  readonly maps: MapsService;
  readonly voice: SpeechEngine;
  readonly ingestion: Ingestion | undefined;
  /** What the product has to be told to find all of it. */
  readonly settings: Settings;
  /** Once the product listens: Event Grid shakes hands with it, by the API key where there is one. */
  subscribe(apiKey?: string): Promise<void>;
  /** All that is over: a world that lives long keeps no evidence of its past. */
  forget(): void;
  stop(): Promise<void>;
}

const acsNumber = '+15550100';
const twilioNumber = '+15550150';
const teamsAccount = '00000000-0000-4000-8000-00000000007e';

export async function startStandIns(options: StandInOptions): Promise<StandIns> {
  const { functionsUrl, bridgeUrl, timeScale = 1, deployment = 'gpt-realtime', rules = receptionistRules } = options;
  const voice = openSpeech({ cacheFolder: '.data/speech' });
  const speak = options.changeVoice?.(voice.speak) ?? voice.speak;
  // Who hears otherwise need not learn how the phrases sound.
  const phrases = options.openEar ? [] : rules.phrases.map(({ heard }) => heard);
  const brain = new Brain(rules, await openPhraseBook(phrases, speak));
  const eventGrid = createEventGrid({ timeScale });
  const apiKey = randomBytes(16).toString('hex');
  const [acs, twilio, realtime, speech, chat, search, maps] = await Promise.all([
    startAcs({
      eventGrid,
      timeScale,
      phoneNumber: acsNumber,
      teamsAccounts: [teamsAccount],
      speak: (text) => speak(text, agentVoice),
    }),
    startTwilio({
      timeScale,
      callsPerSecond: 100,
      numbers: new Map([
        [twilioNumber, { voiceUrl: `${functionsUrl}/twilio/voice`, statusCallback: `${functionsUrl}/twilio/status` }],
      ]),
    }),
    startRealtime({ brain, speak, openEar: options.openEar, apiKey, timing: options.realtimeTiming }),
    startSpeech({
      key: apiKey,
      phrases,
      echoes: options.echoes,
      openEar: options.openEar,
      speak,
    }),
    startChat({ key: apiKey, deployment: 'gpt-5.4-mini', brain }),
    startSearch({
      key: apiKey,
      index: { name: 'jobs', documents: openJobs, semantic: true, vectorField: 'content_vector' },
    }),
    startMaps({ key: apiKey }),
  ]);
  const ingestion = options.telemetry && (await startIngestion(options.telemetry));
  const openAi = await startOpenAiFront({ chatUrl: chat.url, realtimeUrl: realtime.url });
  return {
    acs,
    twilio,
    realtime,
    speech,
    chat,
    search,
    maps,
    voice,
    ingestion,
    settings: {
      PUBLIC_URL: functionsUrl,
      BRIDGE_URL: bridgeUrl.replace(/^http/, 'ws'),
      FUNCTIONS_PORT: new URL(functionsUrl).port,
      PORT: new URL(bridgeUrl).port,
      MEDIA_TOKEN_SECRET: randomBytes(32).toString('hex'),
      ACS_CONNECTION_STRING: acs.connectionString,
      ACS_RESOURCE_ID: acs.resourceId,
      ACS_PHONE_NUMBER: acs.phoneNumber,
      TEAMS_RESOURCE_ACCOUNT: teamsAccount,
      TWILIO_ACCOUNT_SID: twilio.accountSid,
      TWILIO_AUTH_TOKEN: twilio.authToken,
      TWILIO_PHONE_NUMBER: twilioNumber,
      TWILIO_API_URL: twilio.url,
      AZURE_OPENAI_ENDPOINT: openAi.url,
      AZURE_OPENAI_API_KEY: apiKey,
      AZURE_OPENAI_REALTIME_DEPLOYMENT: deployment,
      AZURE_VOICE_LIVE_ENDPOINT: realtime.url,
      AZURE_VOICE_LIVE_API_KEY: apiKey,
      VOICE_LIVE_MODEL: deployment,
      AZURE_SPEECH_ENDPOINT: speech.url,
      AZURE_SPEECH_KEY: apiKey,
      AZURE_SEARCH_ENDPOINT: search.url,
      AZURE_SEARCH_KEY: apiKey,
      AZURE_MAPS_ENDPOINT: maps.url,
      AZURE_MAPS_KEY: apiKey,
      DIAL_ALLOWED_PREFIXES: '+1555',
      DIAL_ALLOWED_IDENTIFIERS: '8:orgid:*,8:acs:*',
      DIAL_MAX_PER_NUMBER_PER_DAY: '1000',
      DIAL_MAX_PER_HOUR: '10000',
      DIAL_MAX_PARALLEL: '100',
      AGENTS_RELOAD: 'true',
      LOG_LEVEL: 'warn',
      ...(ingestion && { APPLICATIONINSIGHTS_CONNECTION_STRING: ingestion.connectionString }),
    },
    async subscribe(apiKey) {
      const key = apiKey === undefined ? '' : `&code=${encodeURIComponent(apiKey)}`;
      const subscribe = (name: string, functionName: string, eventType: string, maxAttempts: number) =>
        eventGrid.subscribe({
          name,
          url: `${functionsUrl}/runtime/webhooks/EventGrid?functionName=${functionName}${key}`,
          schema: 'eventgrid',
          kind: 'functions-trigger',
          eventTypes: [`Microsoft.Communication.${eventType}`],
          maxAttempts,
        });
      await subscribe('incoming-calls', 'incomingCall', 'IncomingCall', 2);
      await subscribe('recording-files', 'recordingReady', 'RecordingFileStatusUpdated', 8);
    },
    forget() {
      for (const standIn of [acs, twilio, realtime, speech, chat, eventGrid, voice]) standIn.forget();
    },
    async stop() {
      await openAi.stop();
      await ingestion?.stop();
      await Promise.all([
        acs.stop(),
        twilio.stop(),
        realtime.stop(),
        speech.stop(),
        chat.stop(),
        search.stop(),
        maps.stop(),
      ]);
      eventGrid.stop();
      await voice.close();
    },
  };
}
