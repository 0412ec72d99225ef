// Tests of the cascade against the stand-ins of its services: the real SDKs, real sockets, real speech.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { TokenCredential } from '@azure/identity';
import OpenAI from 'openai';
import { AnswerBudget } from '../../media-bridge/voice-models/cascade/answer-budget.ts';
import { openCascade } from '../../media-bridge/voice-models/cascade/open-cascade.ts';
import { guessReasoningEffort } from '../../media-bridge/voice-models/cascade/reasoning.ts';
import type { VoiceModel, VoiceModelEvent } from '../../media-bridge/voice-models/voice-model.ts';
import { parseAgent } from '../../shared/agents/agent.ts';
import type { CallId } from '../../shared/call/call.ts';
import { silentLogger } from '../../shared/logger.ts';
import { type Brain, openBrain } from '../chat/brain.ts';
import { type ChatService, startChat } from '../chat/chat-service.ts';
import {
  type AudioFormat,
  bytesPerMs,
  decodeAudio,
  encodeAudio,
  mulaw8k,
  pcm16k,
  pcm24k,
} from '../voice/audio-format.ts';
import { openPhraseBook, type PhraseBook } from '../voice/phrase-book.ts';
import { resample } from '../voice/resample.ts';
import { agentVoice, openSpeech } from '../voice/speech.ts';
import { type SpeechService, startSpeech } from './speech-service.ts';

const key = 'speech-and-chat-key';
const rules = {
  phrases: [
    { heard: 'What are your opening hours?', reply: 'We are open from nine to five.' },
    {
      heard: 'Please take a note.',
      tool: { name: 'take_note', arguments: { text: 'A note.' }, report: 'I have taken a note.' },
    },
    {
      heard: 'Please tell me about your company.',
      reply:
        'Contoso was founded forty years ago in a small garage. Today we make furniture for offices and for homes.',
    },
    { heard: 'Stop, please.', reply: 'Of course.' },
  ],
  otherwise: 'Sorry, I did not understand.',
};
// There is no bridge here that could decide whose turn it is.
const agent = parseAgent(
  'test.md',
  '---\nname: test\nmodels: [cascade]\nphrases: [Contoso]\nturn_taking: { decided_by: model }\n---\nBe brief.',
);
const takeNote = { name: 'take_note', description: 'Takes a note.', parameters: { type: 'object', properties: {} } };

describe('cascade against its stand-ins', () => {
  const engine = openSpeech();
  let brain: Brain;
  let replies: PhraseBook;
  let speech: SpeechService;
  let chat: ChatService;
  let model: VoiceModel | undefined;

  before(async () => {
    brain = await openBrain(rules, engine.speak);
    const spoken = ['We are open from nine to five.', 'I have taken a note.', 'Of course.'];
    replies = await openPhraseBook(spoken, (text) => engine.speak(text, agentVoice));
    const phrases = rules.phrases.map(({ heard }) => heard);
    speech = await startSpeech({ key, phrases, speak: engine.speak, phraseDelayMs: 20, firstAudioMs: 20 });
    chat = await startChat({ key, deployment: 'gpt-4o', brain, firstTokenMs: 20, tokenMs: 1 });
  });
  afterEach(() => {
    model?.close();
    model = undefined;
    speech.faults.refuse = undefined;
  });
  after(async () => {
    await Promise.all([speech.stop(), chat.stop(), engine.close()]);
  });

  function open(
    carrierFormat: typeof pcm16k | typeof pcm24k | typeof mulaw8k,
    access: { speechKey: string } | { credential: TokenCredential } = { speechKey: key },
    signal = new AbortController().signal,
    { url, deployment } = { url: chat.url, deployment: 'gpt-4o' },
  ): Promise<VoiceModel> {
    const chatClient = new OpenAI({ baseURL: `${url}/openai/v1/`, apiKey: key });
    const dependencies = {
      speechEndpoint: speech.url,
      ...access,
      chatClient,
      chatDeployment: deployment,
      chatBudget: new AnswerBudget(guessReasoningEffort(deployment)),
      log: silentLogger,
    };
    const callId = 'call-1' as CallId;
    const options = { callId, agent, instructions: 'Be brief.', tools: [takeNote], history: [], carrierFormat, signal };
    return openCascade(dependencies, options);
  }

  /** Speaks and then is silent, as fast as the socket takes it. */
  async function tell(to: VoiceModel, text: string): Promise<void> {
    const words = await engine.speak(text);
    const samples = new Int16Array(words.length + 12_000);
    samples.set(words);
    to.sendAudio(encodeAudio(resample(samples, 16000, to.inputFormat.sampleRate), to.inputFormat));
  }

  /** A line is never still: the SDK notices a broken socket only when it has something to send. */
  function keepLineOpen(to: VoiceModel): () => void {
    const frame = encodeAudio(new Int16Array(to.inputFormat.sampleRate / 50), to.inputFormat);
    const timer = setInterval(() => to.sendAudio(frame), 20);
    return () => clearInterval(timer);
  }

  type Kind = VoiceModelEvent['type'];
  /** Keeps all events and tells of the next one of a kind; anything that kills the model fails the test. */
  function follow(of: VoiceModel, react: (event: VoiceModelEvent) => void = () => {}) {
    const events: VoiceModelEvent[] = [];
    const heard: Buffer[] = [];
    const awaited = new Map<Kind, (() => void)[]>();
    of.listen((event) => {
      events.push(event);
      if (event.type === 'audio') heard.push(Buffer.from(event.audio));
      react(event);
      for (const resolve of awaited.get(event.type)?.splice(0) ?? []) resolve();
    });
    const next = (kind: Kind) =>
      new Promise<void>((resolve) => awaited.set(kind, [...(awaited.get(kind) ?? []), resolve]));
    const takeAudio = () => Buffer.concat(heard.splice(0));
    return { events, next, takeAudio };
  }

  function toPhrase(audio: Buffer, format: AudioFormat): string | undefined {
    return replies.recognize(decodeAudio(audio, format), format.sampleRate)?.phrase;
  }

  for (const format of [pcm16k, pcm24k, mulaw8k]) {
    it(`hears a question and answers it in ${format.encoding} at ${format.sampleRate} Hz`, async () => {
      model = await open(format);
      const { events, next, takeAudio } = follow(model);
      await Promise.all([next('reply-finished'), tell(model, 'What are your opening hours?')]);
      const audio = takeAudio();
      assert.equal(toPhrase(audio, format), 'We are open from nine to five.');
      const guesses = (event: VoiceModelEvent) => event.type === 'transcript' && !event.final;
      const kinds = events.filter((event) => !guesses(event)).map(({ type }) => type);
      assert.deepEqual(
        kinds.filter((kind, i) => kind !== kinds[i - 1]),
        [
          'caller-started-speaking',
          'caller-stopped-speaking',
          'transcript',
          'reply-started',
          'audio',
          'transcript',
          'reply-finished',
        ],
      );
      const expectedMs = (await engine.speak('We are open from nine to five.', agentVoice)).length / 16;
      assert.ok(Math.abs(audio.length / bytesPerMs(format) - expectedMs) < 2);
    });
  }

  it('calls a tool and speaks of what it answered', async () => {
    model = await open(pcm16k);
    const { events, next, takeAudio } = follow(model);
    await Promise.all([next('tool-call'), tell(model, 'Please take a note.')]);
    const call = events.find((event) => event.type === 'tool-call')!;
    assert.deepEqual([call.name, JSON.parse(call.input)], ['take_note', { text: 'A note.' }]);
    model.sendToolResult(call.toolCallId, '{"noted":true}');
    await next('reply-finished');
    assert.equal(toPhrase(takeAudio(), pcm16k), 'I have taken a note.');
  });

  it('stops when the caller barges in, and goes on with what the caller says then', async () => {
    model = await open(pcm16k);
    let audioAfterwards = 0;
    let interrupted: string | undefined;
    const heardMs = 1500;
    const { events, next, takeAudio } = follow(model, (event) => {
      if (event.type === 'audio' && event.replyId === interrupted) audioAfterwards++;
      if (event.type !== 'caller-started-speaking' || interrupted) return;
      const begun = events.find((other) => other.type === 'reply-started');
      if (!begun) return;
      interrupted = begun.replyId;
      model!.interrupt(begun.replyId, heardMs);
      assert.deepEqual(events.at(-1), { type: 'reply-finished', replyId: interrupted, outcome: 'interrupted' });
      takeAudio();
    });
    await tell(model, 'Please tell me about your company.');
    for (let receivedMs = 0; receivedMs < heardMs; receivedMs += takeAudio().length / bytesPerMs(pcm16k))
      await next('audio');
    await Promise.all([next('reply-finished'), tell(model, 'Stop, please.')]);
    await next('reply-finished');
    assert.equal(audioAfterwards, 0);
    assert.equal(toPhrase(takeAudio(), pcm16k), 'Of course.');
    const kept = chat.requests.at(-1)!.messages.find((message) => message.role === 'assistant')!.content!;
    assert.match(kept, /^Contoso was founded( forty| forty years)?$/);
  });

  it('speaks given words at once', async () => {
    model = await open(mulaw8k);
    const { next, takeAudio } = follow(model);
    model.requestReply({ say: 'Of course.' });
    await next('reply-finished');
    assert.equal(toPhrase(takeAudio(), mulaw8k), 'Of course.');
  });

  it('goes on after a chat service that was busy for a moment', async () => {
    model = await open(pcm16k);
    const { next, takeAudio } = follow(model);
    chat.faults.next.push({ kind: 'status', status: 429 }, { kind: 'status', status: 500 });
    await Promise.all([next('reply-finished'), tell(model, 'Stop, please.')]);
    assert.equal(toPhrase(takeAudio(), pcm16k), 'Of course.');
  });

  for (const deployment of ['gpt-5-mini', 'receptionist']) {
    it(`has room for words with a model that thinks and is deployed as ${deployment}`, async (t) => {
      const thinker = await startChat({ key, deployment, family: 'reasoning', brain });
      t.after(() => thinker.stop());
      model = await open(pcm16k, { speechKey: key }, new AbortController().signal, { url: thinker.url, deployment });
      const { next, takeAudio } = follow(model);
      await Promise.all([next('reply-finished'), tell(model, 'Stop, please.')]);
      assert.equal(toPhrase(takeAudio(), pcm16k), 'Of course.');
    });
  }

  it('closes with the reason when the chat service refuses', async () => {
    model = await open(pcm16k);
    const { events, next } = follow(model);
    chat.faults.next.push({ kind: 'status', status: 401 });
    await Promise.all([next('closed'), tell(model, 'Stop, please.')]);
    const last = events.at(-1)!;
    assert.equal(last.type === 'closed' && last.error?.code, 'MODEL_REFUSED');
  });

  it('goes on when its sockets break, and hears what was said meanwhile', async () => {
    model = await open(pcm16k);
    const { next, takeAudio } = follow(model);
    await Promise.all([next('reply-finished'), tell(model, 'Stop, please.')]);
    takeAudio();
    const stopLine = keepLineOpen(model);
    speech.dropConnections();
    await Promise.all([next('reply-finished'), tell(model, 'What are your opening hours?')]);
    stopLine();
    assert.equal(toPhrase(takeAudio(), pcm16k), 'We are open from nine to five.');
  });

  it('closes when its sockets break again and again, though each time it gets them back', async () => {
    model = await open(pcm16k);
    const { events, next } = follow(model);
    await Promise.all([next('reply-finished'), tell(model, 'Stop, please.')]);
    const stopLine = keepLineOpen(model);
    const closed = next('closed');
    const breaking = setInterval(() => speech.dropConnections(), 10_000);
    await closed;
    clearInterval(breaking);
    stopLine();
    const last = events.at(-1)!;
    assert.equal(last.type === 'closed' && last.error?.code, 'MODEL_UNAVAILABLE');
  });

  it('closes when recognition is refused for good', async () => {
    model = await open(pcm16k);
    const { events, next } = follow(model);
    await Promise.all([next('reply-finished'), tell(model, 'Stop, please.')]);
    speech.faults.refuse = 401;
    const stopLine = keepLineOpen(model);
    speech.dropConnections();
    await next('closed');
    stopLine();
    const last = events.at(-1)!;
    assert.equal(last.type === 'closed' && last.error?.code, 'MODEL_REFUSED');
  });

  it('opens with an identity in place of a key', async () => {
    const scopes: string[] = [];
    const getToken = async (scope: string | string[]) => {
      scopes.push(String(scope));
      return { token: key, expiresOnTimestamp: Date.now() + 3_600_000 };
    };
    model = await open(pcm16k, { credential: { getToken } });
    const { next, takeAudio } = follow(model);
    await Promise.all([next('reply-finished'), tell(model, 'Stop, please.')]);
    assert.equal(toPhrase(takeAudio(), pcm16k), 'Of course.');
    assert.deepEqual([...new Set(scopes)], ['https://cognitiveservices.azure.com/.default']);
  });

  it('does not open with a wrong key, and leaves nothing open', async () => {
    await assert.rejects(open(pcm16k, { speechKey: 'wrong' }), { code: 'MODEL_REFUSED' });
    await speech.empty();
  });

  it('does not open once nobody waits for it, and leaves nothing open', async () => {
    const abort = new AbortController();
    speech.faults.slowAcceptMs = 50;
    const opening = open(pcm16k, { speechKey: key }, abort.signal);
    const rejected = assert.rejects(opening, { name: 'AbortError' });
    await speech.nextConnection();
    abort.abort();
    await rejected;
    await speech.empty();
    speech.faults.slowAcceptMs = 0;
  });

  it('leaves nothing open after it was closed', async () => {
    model = await open(pcm16k);
    model.close();
    await speech.empty();
  });
});
