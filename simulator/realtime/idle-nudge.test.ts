// Tests of the service speaking up by itself when the caller stays silent.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { before, describe, it, mock } from 'node:test';
import { type Brain, openBrain } from '../chat/brain.ts';
import { createTone } from '../voice/tone.ts';
import { encodeWireAudio } from './audio-wire.ts';
import { createRealtimeFaults } from './realtime-faults.ts';
import { type ProbeEvent, pcm24 } from './realtime-probe.ts';
import { RealtimeSession } from './realtime-session.ts';

/** A second of sound, whatever the words. */
const speak = () => Promise.resolve(createTone(300, 1000, 16000));
let brain: Brain;
before(async () => {
  brain = await openBrain({ phrases: [], otherwise: 'Sorry?' }, speak);
});

function openSession() {
  const events: ProbeEvent[] = [];
  const responded = Promise.withResolvers<void>();
  const session = new RealtimeSession({
    dialect: 'realtime-ga',
    model: 'gpt-realtime',
    brain,
    speak,
    timing: { firstAudioMs: 0, audioSpeed: Number.POSITIVE_INFINITY, transcriptionMs: 0 },
    faults: createRealtimeFaults(),
    transcriptionModels: [],
    expiresAt: 0,
    send(message) {
      const event = JSON.parse(String(message));
      events.push(event);
      if (event.type === 'response.done') responded.resolve();
    },
    kill() {},
  });
  const detection = { type: 'server_vad', idle_timeout_ms: 5000 };
  const update = { type: 'realtime', audio: { input: { turn_detection: detection } } };
  session.receive(JSON.stringify({ type: 'session.update', session: update }));
  session.receive(JSON.stringify({ type: 'response.create' }));
  return { session, events, responded: responded.promise };
}

describe('an idle session', () => {
  it('is nudged when the response was played and the timeout is over, with items of its own', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const { session, events, responded } = openSession();
    await responded;
    const before = events.length;
    mock.timers.tick(1000 + 4999);
    assert.equal(events.length, before);
    mock.timers.tick(1);
    const types = events.slice(before).map(({ type, item }) => (item ? `${type} ${item.role}` : type));
    assert.deepEqual(types, [
      'input_audio_buffer.timeout_triggered',
      'conversation.item.added system',
      'conversation.item.done system',
      'input_audio_buffer.committed',
      'conversation.item.added user',
      'conversation.item.done user',
      'response.created',
    ]);
    session.close();
    mock.timers.reset();
  });

  it('is left alone once the caller speaks', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const { session, events, responded } = openSession();
    await responded;
    const audio = encodeWireAudio(createTone(300, 200, 24000), pcm24);
    session.receive(JSON.stringify({ type: 'input_audio_buffer.append', audio }));
    assert.equal(events.at(-1)!.type, 'input_audio_buffer.speech_started');
    mock.timers.tick(60_000);
    assert.equal(events.at(-1)!.type, 'input_audio_buffer.speech_started');
    session.close();
    mock.timers.reset();
  });
});
