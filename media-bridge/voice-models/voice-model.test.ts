// The voice models held to their contract, each against a stand-in of its service: real SDKs, real sockets, real speech.
import '../../simulator/virtual-time/install.ts';

import { after, before, describe } from 'node:test';
import OpenAI from 'openai';
import { silentLogger } from '../../shared/logger.ts';
import { MemoryCallLeases } from '../../shared/stores/memory-call-leases.ts';
import { openBrain } from '../../simulator/chat/brain.ts';
import { type ChatService, startChat } from '../../simulator/chat/chat-service.ts';
import { type RealtimeService, startRealtime } from '../../simulator/realtime/realtime-service.ts';
import { type SpeechService, startSpeech } from '../../simulator/speech/speech-service.ts';
import { decodeG711, encodeG711 } from '../../simulator/voice/g711.ts';
import { openPhraseBook, type PhraseBook } from '../../simulator/voice/phrase-book.ts';
import { resample } from '../../simulator/voice/resample.ts';
import { agentVoice, openSpeech } from '../../simulator/voice/speech.ts';
import { type AudioFormat, mulaw8k, pcm16k, pcm24k } from '../audio/audio-format.ts';
import { AnswerBudget } from './cascade/answer-budget.ts';
import { openCascade } from './cascade/open-cascade.ts';
import { ConnectionBudget } from './realtime/connection-budget.ts';
import { createOpenAiDialect } from './realtime/openai-dialect.ts';
import { openRealtimeModel } from './realtime/realtime-model.ts';
import { createVoiceLiveDialect } from './realtime/voice-live-dialect.ts';
import { contractPhrases, contractWords, type ModelService, testVoiceModel } from './voice-model.contract.ts';

const key = 'a-key-of-the-services';
const voice = openSpeech({ cacheFolder: '.data/speech' });
let book: PhraseBook;
let realtime: RealtimeService;
let speech: SpeechService;
let chat: ChatService;

before(async () => {
  const spoken = [
    contractWords.greeting,
    contractWords.short,
    contractPhrases[0].reply,
    contractPhrases[1].tool.report,
  ];
  const phrases = contractPhrases.map(({ heard }) => heard);
  const brain = await openBrain({ phrases: contractPhrases, otherwise: 'Pardon?' }, voice.speak);
  book = await openPhraseBook(spoken, (text) => voice.speak(text, agentVoice));
  const timing = { firstAudioMs: 20, audioSpeed: 20, transcriptionMs: 20 };
  realtime = await startRealtime({ brain, speak: voice.speak, apiKey: key, timing });
  // Live, a cancelled reply goes on for a few pieces.
  realtime.faults.lateDeltas = 3;
  speech = await startSpeech({ key, phrases, speak: voice.speak, phraseDelayMs: 20, firstAudioMs: 20 });
  chat = await startChat({ key, deployment: 'gpt-4o', brain, firstTokenMs: 20, tokenMs: 1 });
});
after(() => Promise.all([realtime.stop(), speech.stop(), chat.stop(), voice.close()]));

async function speak(text: string, { encoding, sampleRate }: AudioFormat): Promise<Buffer> {
  const samples = resample(await voice.speak(text), 16000, sampleRate);
  return encoding === 'mulaw' ? encodeG711(samples, 'mulaw') : Buffer.from(new Int16Array(samples).buffer);
}

function recognize(audio: Buffer, { encoding, sampleRate }: AudioFormat): string | undefined {
  const samples = encoding === 'mulaw' ? decodeG711(audio, 'mulaw') : new Int16Array(new Uint8Array(audio).buffer);
  return book.recognize(samples, sampleRate)?.phrase;
}

type Item = { type: string; role?: string; content?: { text?: string }[] };

const realtimeEnd = {
  speak,
  recognize,
  memory: () =>
    realtime.sessions
      .at(-1)!
      .log.of('conversation.item.create')
      .map((message) => message.item as Item)
      .map(({ role, content }) => ({
        role: role === 'user' ? ('caller' as const) : ('agent' as const),
        text: content?.[0]?.text ?? '',
      })),
  refuse: (status: 401 | 429 | 503 | undefined) => {
    realtime.faults.refuseUpgrade = status && { status, times: 1 };
  },
  die: () => realtime.kill(realtime.sessions.at(-1)!, 1006),
};

describe('gpt-realtime', () => {
  testVoiceModel(
    (): ModelService => ({
      ...realtimeEnd,
      open: (options) => {
        const deployments = { deployment: 'gpt-realtime', transcriptionDeployment: 'gpt-4o-transcribe' };
        const dialect = createOpenAiDialect({ endpoint: realtime.url, ...deployments });
        return openRealtimeModel({ dialect, access: { apiKey: key }, log: silentLogger }, options);
      },
      formatsFor: (carrier) =>
        carrier === mulaw8k ? { input: mulaw8k, output: mulaw8k } : { input: pcm24k, output: pcm24k },
    }),
  );
});

describe('voice-live', () => {
  const budget = new ConnectionBudget({ leases: new MemoryCallLeases(), name: 'test', perMinute: 1000 });
  testVoiceModel(
    (): ModelService => ({
      ...realtimeEnd,
      open: (options) => {
        const dialect = createVoiceLiveDialect({ endpoint: realtime.url, model: 'gpt-realtime' });
        return openRealtimeModel({ dialect, access: { apiKey: key }, budget, log: silentLogger }, options);
      },
      formatsFor: (carrier) => ({ input: carrier, output: carrier }),
    }),
  );
});

describe('cascade', () => {
  testVoiceModel(
    (): ModelService => ({
      speak,
      recognize,
      open: (options) => {
        const chatClient = new OpenAI({ baseURL: `${chat.url}/openai/v1/`, apiKey: key });
        const access = { speechEndpoint: speech.url, speechKey: key };
        return openCascade(
          {
            ...access,
            chatClient,
            chatDeployment: 'gpt-4o',
            chatBudget: new AnswerBudget(undefined),
            log: silentLogger,
          },
          options,
        );
      },
      formatsFor: (carrier) => ({ input: carrier === pcm24k ? pcm16k : carrier, output: carrier }),
      memory: () =>
        chat.requests
          .at(-1)!
          .messages.filter(({ role }) => role === 'user' || role === 'assistant')
          .map(({ role, content }) => ({ role: role === 'user' ? 'caller' : 'agent', text: String(content) })),
      refuse(status) {
        speech.faults.refuse = status;
      },
      die() {
        speech.faults.refuse = 503;
        speech.dropConnections();
      },
    }),
  );
});
