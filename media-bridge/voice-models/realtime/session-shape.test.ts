// What the sessions of both services are asked for, where it depends on the agent and the model.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseAgent } from '../../../shared/agents/agent.ts';
import { validateClientEvent } from '../../../simulator/realtime/client-event-check.ts';
import { pcm16k, pcm24k } from '../../audio/audio-format.ts';
import type { VoiceModelOptions } from '../voice-model.ts';
import { createOpenAiDialect } from './openai-dialect.ts';
import { createVoiceLiveDialect } from './voice-live-dialect.ts';

const createOptions = (languages = ''): VoiceModelOptions => ({
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
