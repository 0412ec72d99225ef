// Builds what follows the end of a call from the settings: the chores, their clients, and who starts them.
import type { EventGridPublisherClient } from '@azure/eventgrid';
import type { AgentProfiles } from '../shared/agents/agent.ts';
import { AzureCredential } from '../shared/azure-credential.ts';
import { createCallerKeys } from '../shared/caller-keys.ts';
import type { Config } from '../shared/config.ts';
import type { Logger } from '../shared/logger.ts';
import { loadRecordingFiles } from '../shared/recordings/open-recording-files.ts';
import type { RecordingFiles } from '../shared/recordings/recording-files.ts';
import type { CallLedger } from '../shared/stores/call-ledger.ts';
import type { Stores } from '../shared/stores/stores.ts';
import { createCarrierRecordings } from '../shared/telephony/call-controls.ts';
import { CallEndedTopic } from './after-call/call-ended-topic.ts';
import { CallSettlement } from './after-call/call-settlement.ts';
import { CallerForgetting } from './after-call/caller-forgetting.ts';
import { EndedCalls } from './after-call/ended-calls.ts';
import { OutcomeChore } from './after-call/outcome-chore.ts';
import type { OutcomeJudge } from './after-call/outcome-judge.ts';
import { PlaceChore } from './after-call/place-chore.ts';
import { Retention } from './after-call/retention.ts';
import { SettlementSweep } from './after-call/settlement-sweep.ts';
import { VisitChore } from './after-call/visit-chore.ts';
import { WebhookChore } from './after-call/webhook-chore.ts';
import { AcsRecordingEvents } from './recordings/acs-recording-events.ts';
import type { DeadLetters } from './recordings/dead-letters.ts';
import { RecordingChore } from './recordings/recording-chore.ts';
import { RecordingKeeper } from './recordings/recording-keeper.ts';
import { UndeliveredRecordings } from './recordings/undelivered-recordings.ts';

const openAiScope = 'https://cognitiveservices.azure.com/.default';

export interface AfterCallOptions {
  readonly config: Config;
  readonly stores: Stores;
  readonly ledger: CallLedger;
  readonly agents: AgentProfiles;
  readonly log: Logger;
}

export interface AfterCall {
  readonly settlement: CallSettlement;
  readonly sweep: SettlementSweep;
  readonly ended: EndedCalls;
  readonly outcomes: OutcomeChore;
  readonly forgetting: CallerForgetting;
  readonly files: RecordingFiles;
  readonly keeper: RecordingKeeper;
  readonly recordingEvents: AcsRecordingEvents;
  readonly undelivered: UndeliveredRecordings;
  readonly retention: Retention;
}

export async function createAfterCall({ config, stores, ledger, agents, log }: AfterCallOptions): Promise<AfterCall> {
  const { leases, history, stream, callers, dialCounts } = stores;
  const keys = createCallerKeys(config);
  const files = await loadRecordingFiles(config);
  const outcomes = new OutcomeChore({ ledger, judge: await createJudge(config), log });
  const webhooks = new WebhookChore({ ledger, secrets: config.agentSecrets, log });
  const visits = new VisitChore({ callers, keys });
  const recordings = createCarrierRecordings(config);
  const historyDays = config.HISTORY_DAYS;
  const keeper = new RecordingKeeper({ ledger, leases, recordings, files, agents, historyDays, log });
  const recordingChore = new RecordingChore({ ledger, recordings, keeper, log });
  const settlement = new CallSettlement({
    ledger,
    leases,
    agents,
    chores: [new PlaceChore(dialCounts), visits, outcomes, visits, recordingChore, webhooks],
    log,
  });
  const topic = await createTopic(config);
  const letters = await createDeadLetters(config);
  const recordingEvents = new AcsRecordingEvents({ keeper, leases, history, log });
  return {
    settlement,
    sweep: new SettlementSweep({ settlement, history, leases, log }),
    ended: new EndedCalls({ ledger, settlement, topic, log }),
    outcomes,
    keeper,
    recordingEvents,
    undelivered: new UndeliveredRecordings({ letters, events: recordingEvents, leases, log }),
    files,
    forgetting: new CallerForgetting({ ledger, stream, history, leases, callers, keys, files, log }),
    retention: new Retention({ config, ledger, history, callers, files, log }),
  };
}

// Their clients take some tenths of a second to load: whoever does not use them does not wait for them.

async function createJudge(config: Config): Promise<OutcomeJudge | undefined> {
  const { AZURE_OPENAI_ENDPOINT: endpoint, AZURE_OPENAI_API_KEY: key } = config;
  if (endpoint === undefined) return undefined;
  const { OpenAI } = await import('openai');
  const { ChatOutcomeJudge } = await import('./after-call/chat-outcome-judge.ts');
  const client = new OpenAI({
    baseURL: `${endpoint}/openai/v1/`,
    apiKey: key ?? new AzureCredential().createTokenProvider(openAiScope),
    maxRetries: 0,
    // It would write to the console, past our log and what that hides.
    logLevel: 'off',
  });
  return new ChatOutcomeJudge(client, config.AZURE_OPENAI_CHAT_DEPLOYMENT);
}

async function createTopic(config: Config): Promise<CallEndedTopic | undefined> {
  const { EVENT_TOPIC_ENDPOINT: endpoint, EVENT_TOPIC_KEY: key } = config;
  if (endpoint === undefined) return undefined;
  const { AzureKeyCredential, EventGridPublisherClient } = await import('@azure/eventgrid');
  const credential = key === undefined ? new AzureCredential() : new AzureKeyCredential(key);
  // Config lets plain http through for this machine only.
  const options = { allowInsecureConnection: endpoint.startsWith('http://'), retryOptions: { maxRetries: 2 } };
  const client: EventGridPublisherClient<'EventGrid'> = new EventGridPublisherClient(
    endpoint,
    'EventGrid',
    credential,
    options,
  );
  return new CallEndedTopic(client);
}

async function createDeadLetters(config: Config): Promise<DeadLetters | undefined> {
  const { DEAD_LETTERS_URL: containerUrl, DEAD_LETTERS_KEY: key } = config;
  if (containerUrl === undefined) return undefined;
  const { BlobDeadLetters } = await import('./recordings/blob-dead-letters.ts');
  return new BlobDeadLetters({ containerUrl, key });
}
