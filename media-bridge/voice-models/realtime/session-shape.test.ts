// What the sessions of both services are asked for, where it depends on the agent and the model.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseAgent } from '../../../shared/agents/agent.ts';
import type { CallId } from '../../../shared/call/call.ts';
import { validateClientEvent } from '../../../simulator/realtime/client-event-check.ts';
import { findImpossible } from '../../../simulator/realtime/voice-live-limits.ts';
import { pcm16k, pcm24k } from '../../audio/audio-format.ts';
import type { VoiceModelOptions } from '../voice-model.ts';
import { createOpenAiDialect } from './openai-dialect.ts';
import { createVoiceLiveDialect } from './voice-live-dialect.ts';

const createOptions = (languages = ''): VoiceModelOptions => ({
  callId: 'call-1' as CallId,
  agent: parseAgent(
    'test.md',
    `---\nname: test\nlanguage: en-US\nlanguages: [${languages}]\nfiller: One moment.\n---\nBe kind.`,
  ),
  instructions: 'Be kind.',
  tools: [{ name: 'look_up', description: 'Looks up.', parameters: { type: 'object', properties: {} } }],
  history: [],
  carrierFormat: pcm16k,
  signal: new AbortController().signal,
});
const voiceLive = (model: string) => createVoiceLiveDialect({ endpoint: 'https://test.services.ai.azure.com', model });
const openAi = createOpenAiDialect({
  endpoint: 'https://test.openai.azure.com',
  deployment: 'gpt-realtime',
  transcriptionDeployment: 'gpt-4o-transcribe',
});
const in16k = { input: pcm16k, output: pcm16k };
const in24k = { input: pcm24k, output: pcm24k };

describe('a session of Voice Live', () => {
  const texts = {
    'an English agent': 'language: en-GB',
    'a German agent': 'language: de-DE',
    'an agent of two languages': 'language: en-US\nlanguages: [de-DE]',
    'a German agent who speaks English too': 'language: de-DE\nlanguages: [en-US]',
    'an agent who awaits certain words': 'language: en-US\nphrases: [Contoso]',
    'an agent with a voice of Azure': 'language: en-US\nvoices: { voice-live: en-US-Ava:DragonHDLatestNeural }',
  };
  for (const model of [
    'gpt-realtime-1.5',
    'gpt-realtime-mini',
    'gpt-4.1',
    'gpt-5-mini',
    'phi4-mm-realtime',
    'azure-realtime',
  ]) {
    for (const [who, text] of Object.entries(texts)) {
      it(`asks ${model} for nothing that it cannot do, for ${who}`, () => {
        const agent = parseAgent('test.md', `---\nname: test\n${text}\n---\nBe kind.`);
        const session = voiceLive(model).createSession({ ...createOptions(), agent }, in16k) as Record<string, unknown>;
        assert.equal(validateClientEvent('voice-live', { type: 'session.update', session }), undefined);
        assert.equal(findImpossible(model, session), undefined);
      });
    }
  }

  it('gives azure-realtime a voice of its own, which an agent may choose', () => {
    const voiceOf = (voice: string) => {
      const agent = parseAgent('test.md', `---\nname: test\nvoices: { voice-live: ${voice} }\n---\nBe kind.`);
      const options = { ...createOptions(), agent };
      const response = voiceLive('azure-realtime').createResponse({ say: 'Hello.' }, options);
      assert.ok('instructions' in response, 'the voice is part of the model: it reads nothing out');
      return (voiceLive('azure-realtime').createSession(options, in16k) as { voice: unknown }).voice;
    };
    assert.deepEqual(voiceOf('en-US-Ava:DragonHDLatestNeural'), { type: 'azure-realtime-native', name: 'ava' });
    assert.deepEqual(voiceOf('andrew'), { type: 'azure-realtime-native', name: 'andrew' });
  });

  it('tells whose it is, for the logs of Foundry', () => {
    const session = voiceLive('gpt-4.1').createSession(createOptions(), in16k) as { metadata: unknown };
    assert.deepEqual(session.metadata, { call_id: 'call-1' });
  });

  it('cancels no echo: what is paced out comes back later than the service thinks', () => {
    for (const model of ['gpt-4.1', 'gpt-realtime'])
      assert.ok(!('input_audio_echo_cancellation' in voiceLive(model).createSession(createOptions(), in16k)));
  });

  it('has the words written down that the agent awaits, by a recogniser that can be told', () => {
    const agent = parseAgent('test.md', '---\nname: test\nphrases: [Contoso]\n---\nBe kind.');
    const transcription = (model: string, options = createOptions()) =>
      (voiceLive(model).createSession(options, in16k) as { input_audio_transcription: unknown })
        .input_audio_transcription;
    const withPhrases = { ...createOptions(), agent };
    const phrase_list = ['Contoso'];
    assert.deepEqual(transcription('gpt-4.1', withPhrases), { model: 'azure-speech', language: 'en-US', phrase_list });
    assert.deepEqual(transcription('gpt-realtime', withPhrases), {
      model: 'mai-transcribe-2',
      language: 'en',
      phrase_list,
    });
    assert.deepEqual(transcription('gpt-realtime'), { model: 'gpt-4o-mini-transcribe', language: 'en' });
    assert.deepEqual(transcription('gpt-realtime', createOptions('de-DE')), { model: 'gpt-4o-mini-transcribe' });
  });

  it('lets no agent say a word in a language that is not its own', () => {
    const agent = parseAgent('test.md', '---\nname: test\nlanguage: de-DE\n---\nSei freundlich.');
    const session = voiceLive('gpt-4.1').createSession({ ...createOptions(), agent }, in16k);
    assert.ok(!('interim_response' in session));
  });

  it('lets a text model say a word while a tool runs, and asks no realtime model to', () => {
    const text = voiceLive('gpt-4.1').createSession(createOptions(), in16k) as Record<string, unknown>;
    assert.deepEqual(text.interim_response, {
      type: 'static_interim_response',
      texts: ['One moment.'],
      triggers: ['tool', 'latency'],
      latency_threshold_ms: 1500,
    });
    assert.equal(validateClientEvent('voice-live', { type: 'session.update', session: text }), undefined);
    assert.ok(!('interim_response' in voiceLive('gpt-realtime').createSession(createOptions(), in16k)));
  });

  it('listens for every language of the agent', () => {
    const session = voiceLive('gpt-4.1').createSession(createOptions('en-GB, fr-FR'), in16k) as {
      input_audio_transcription: { language: string };
      turn_detection: { languages: string[] };
    };
    assert.equal(session.input_audio_transcription.language, 'en-US,en-GB,fr-FR');
    assert.deepEqual(session.turn_detection.languages, ['en', 'fr']);
    assert.equal(validateClientEvent('voice-live', { type: 'session.update', session }), undefined);
  });
});

describe('a session of Azure OpenAI Realtime', () => {
  it('names the language of an agent that has one, and none where there are several', () => {
    const transcription = (languages?: string) => {
      const session = openAi.createSession(createOptions(languages), in24k) as {
        audio: { input: { transcription: object } };
      };
      assert.equal(validateClientEvent('realtime-ga', { type: 'session.update', session }), undefined);
      return session.audio.input.transcription;
    };
    assert.deepEqual(transcription(), { model: 'gpt-4o-transcribe', language: 'en' });
    assert.deepEqual(transcription('fr-FR'), { model: 'gpt-4o-transcribe' });
  });
});
