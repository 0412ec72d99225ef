// What Voice Live refuses of one model, voice or language and takes with another.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startProbed, voiceLivePath } from './realtime-probe.ts';
import { findImpossible } from './voice-live-limits.ts';

const german = { input_audio_transcription: { model: 'azure-speech', language: 'de-DE' } };
const ending = (model: string) => ({ end_of_utterance_detection: { model } });
const cases: readonly (readonly [model: string, update: Record<string, unknown>, path: string | undefined])[] = [
  ['gpt-realtime', { input_audio_transcription: { model: 'azure-speech' } }, 'input_audio_transcription.model'],
  ['gpt-realtime', { input_audio_transcription: { model: 'mai-transcribe-2', phrase_list: ['Contoso'] } }, undefined],
  [
    'gpt-realtime',
    { input_audio_transcription: { model: 'whisper-1', phrase_list: ['Contoso'] } },
    'input_audio_transcription.phrase_list',
  ],
  [
    'gpt-realtime',
    { input_audio_transcription: { model: 'gpt-4o-mini-transcribe', language: 'en,fr' } },
    'input_audio_transcription.language',
  ],
  ['gpt-4.1', { input_audio_transcription: { model: 'gpt-4o-mini-transcribe' } }, 'input_audio_transcription.model'],
  ['azure-realtime', { input_audio_transcription: { model: 'azure-speech' } }, undefined],
  ['gpt-4.1', { turn_detection: { type: 'azure_semantic_vad', languages: ['de'] } }, 'turn_detection.type'],
  ['gpt-4.1', { ...german, turn_detection: { type: 'azure_semantic_vad' } }, 'turn_detection.type'],
  ['gpt-4.1', { ...german, turn_detection: { type: 'azure_semantic_vad_multilingual' } }, undefined],
  ['gpt-4.1', { turn_detection: { type: 'azure_semantic_vad', languages: ['en'] } }, undefined],
  [
    'gpt-4.1',
    { ...german, turn_detection: { type: 'azure_semantic_vad_multilingual', ...ending('semantic_detection_v1') } },
    'turn_detection.end_of_utterance_detection.model',
  ],
  [
    'gpt-realtime',
    { turn_detection: { type: 'server_vad', ...ending('semantic_detection_v1') } },
    'turn_detection.end_of_utterance_detection',
  ],
  ['gpt-4.1', { turn_detection: { type: 'semantic_vad' } }, 'turn_detection.type'],
  ['gpt-4.1', { input_audio_noise_reduction: { type: 'near_field' } }, 'input_audio_noise_reduction.type'],
  ['azure-realtime', { voice: { type: 'azure-standard', name: 'en-US-Ava:DragonHDLatestNeural' } }, 'voice.type'],
  ['azure-realtime', { voice: { type: 'azure-realtime-native', name: 'ava' } }, undefined],
  ['gpt-realtime', { voice: { type: 'azure-realtime-native', name: 'ava' } }, 'voice.type'],
  ['gpt-realtime', { voice: 'marin' }, undefined],
];

for (const [model, update, path] of cases) {
  it(`${path === undefined ? 'lets' : 'does not let'} ${model} have ${JSON.stringify(update)}`, () => {
    assert.equal(findImpossible(model, update), path);
  });
}

it('tells the client which field the model cannot do, and leaves the session as it was', async () => {
  const world = await startProbed({});
  const probe = await world.open(voiceLivePath('gpt-4.1'));
  const update = { turn_detection: { type: 'azure_semantic_vad', languages: ['de'] } };
  const { code, param } = await probe.provoke({ type: 'session.update', session: update });
  assert.deepEqual([code, param], ['invalid_value', 'session.turn_detection.type']);
  probe.send({ type: 'session.update', session: {} });
  assert.equal((await probe.next('session.updated')).session.turn_detection.type, 'server_vad');
  await world.stop();
});
