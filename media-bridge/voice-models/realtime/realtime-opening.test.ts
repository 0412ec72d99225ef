// How a session of either realtime service is opened, and how it ends; all that is sent is held to their schemas.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { validateClientEvent } from '../../../simulator/realtime/client-event-check.ts';
import { mulaw8k, pcm16k, pcm24k } from '../../audio/audio-format.ts';
import {
  agent,
  done,
  ended,
  error,
  type OpenScripted,
  openScripted,
  type ScriptedService,
  speechStarted,
  spoken,
  tool,
} from './testing/scripted-realtime.ts';

const open = (t: TestContext, ...rest: OpenScripted) => openScripted(validateClientEvent, t, ...rest);

describe('opening', () => {
  it('asks GA for mu-law both ways where the carrier speaks it', async (t) => {
    const { model, session } = await open(t, 'realtime-ga');
    assert.deepEqual([model.kind, model.inputFormat, model.outputFormat], ['gpt-realtime', mulaw8k, mulaw8k]);
    assert.deepEqual(session.audio.input.format, { type: 'audio/pcmu' });
    assert.deepEqual(session.audio.output, { format: { type: 'audio/pcmu' }, voice: 'marin' });
    assert.deepEqual(session.audio.input.transcription, { model: 'gpt-4o-transcribe', language: 'en' });
    assert.equal(session.audio.input.turn_detection.silence_duration_ms, 500);
    assert.deepEqual(session.tools, [{ type: 'function', ...tool }]);
    assert.equal(session.instructions, 'You work for Contoso.');
  });

  it('asks GA for PCM at 24 kHz, the only rate it has, for any other carrier', async (t) => {
    const { model, session } = await open(t, 'realtime-ga', { carrierFormat: pcm16k });
    assert.deepEqual([model.inputFormat, model.outputFormat], [pcm24k, pcm24k]);
    assert.deepEqual(session.audio.input.format, { type: 'audio/pcm', rate: 24000 });
  });

  it('asks Voice Live for just what the carrier speaks', async (t) => {
    for (const [carrierFormat, input, rate, output] of [
      [mulaw8k, 'g711_ulaw', 8000, 'g711_ulaw'],
      [pcm16k, 'pcm16', 16000, 'pcm16_16000hz'],
      [pcm24k, 'pcm16', 24000, 'pcm16'],
    ] as const) {
      const { model, session } = await open(t, 'voice-live', { carrierFormat });
      assert.deepEqual([model.inputFormat, model.outputFormat], [carrierFormat, carrierFormat]);
      assert.deepEqual(
        [session.input_audio_format, session.input_audio_sampling_rate, session.output_audio_format],
        [input, rate, output],
      );
      assert.deepEqual(session.voice, { type: 'azure-standard', name: 'en-US-Ava:DragonHDLatestNeural' });
    }
  });

  it('takes a voice of OpenAI for Voice Live too', async (t) => {
    const { session } = await open(t, 'voice-live', { agent: { ...agent, voices: { 'voice-live': 'marin' } } });
    assert.deepEqual(session.voice, { type: 'openai', name: 'marin' });
  });

  it('speaks the format that the service settled on', async (t) => {
    const keepsPcm = (service: ScriptedService) => {
      service.session = (asked) => ({
        ...asked,
        audio: { ...asked.audio, output: { ...asked.audio.output, format: { type: 'audio/pcm', rate: 24000 } } },
      });
    };
    const { model } = await open(t, 'realtime-ga', {}, keepsPcm);
    assert.deepEqual([model.inputFormat, model.outputFormat], [mulaw8k, pcm24k]);
  });

  it('fails on a format that it does not know, and on a session that is refused', async (t) => {
    const alaw = (service: ScriptedService) => {
      service.session = (asked) => ({ ...asked, input_audio_format: 'g711_alaw' });
    };
    await assert.rejects(open(t, 'voice-live', {}, alaw), { code: 'MODEL_PROTOCOL' });
    const refuses = (service: ScriptedService) => {
      service.session = (asked) => {
        service.send(error('unknown_parameter'));
        return asked;
      };
    };
    await assert.rejects(open(t, 'realtime-ga', {}, refuses), { code: 'MODEL_PROTOCOL' });
  });

  it('tells the service what was said before', async (t) => {
    const turns = [
      { role: 'caller', text: 'Are you open?', interrupted: false, at: 1 },
      { role: 'agent', text: 'We are', interrupted: true, at: 2 },
    ] as const;
    for (const [kind, type] of [
      ['realtime-ga', 'output_text'],
      ['voice-live', 'text'],
    ] as const) {
      const { service } = await open(t, kind, { history: turns });
      const items = await service.take('conversation.item.create', 'conversation.item.create');
      assert.deepEqual(
        items.map(({ item }) => [item.role, item.content]),
        [
          ['user', [{ type: 'input_text', text: 'Are you open?' }]],
          ['assistant', [{ type, text: 'We are' }]],
        ],
      );
    }
  });

  it('loses nothing that comes before somebody listens', async (t) => {
    const { service, events } = await open(t, 'realtime-ga', {}, (service) => {
      service.early = [speechStarted];
    });
    await service.settle();
    assert.deepEqual(events, [{ type: 'caller-started-speaking', turnId: 'item_c' }]);
  });
});

describe('trouble', () => {
  it('that means nothing changes nothing', async (t) => {
    const { service, events, model } = await open(t, 'realtime-ga');
    service.socket.send('{');
    service.socket.send(Buffer.from([1]));
    service.send(
      { type: 'session.weather', mood: 3 },
      { type: 'response.created' },
      { type: 'response.output_audio.delta', response_id: 'resp_9', item_id: 'item_9', delta: 'AAAA' },
      done(9, 'completed'),
      error('response_cancel_not_active'),
      error('invalid_value'),
      { type: 'error', error: null },
    );
    await service.settle();
    assert.deepEqual(events, []);
    model.requestReply({ say: 'Still here.' });
    await service.take('response.create');
  });

  it('with the age of the session is told apart', async (t) => {
    const { service, closed, events } = await open(t, 'realtime-ga');
    service.send(error('session_expired'));
    assert.equal((await closed).error?.code, 'MODEL_SESSION_EXPIRED');
    assert.equal(events.filter(({ type }) => type === 'closed').length, 1);
  });

  for (const kind of ['realtime-ga', 'voice-live'] as const)
    it(`with the age of the session is forestalled in the next quiet moment (${kind})`, async (t) => {
      t.mock.timers.enable({ apis: ['setTimeout'] });
      const { service, closed, events } = await open(t, kind, {}, (service) => {
        service.expiresAt = Math.floor(Date.now() / 1000) + 3600;
      });
      service.send(...spoken(kind, 1, [Buffer.alloc(800)]));
      await service.settle();
      t.mock.timers.tick(3_500_000);
      await service.settle();
      assert.equal(events.at(-1)?.type, 'audio');
      service.send(...ended(kind, 1));
      assert.equal((await closed).error?.code, 'MODEL_SESSION_EXPIRED');
      assert.equal(events.at(-2)?.type, 'reply-finished');
    });

  it('ends the model when the service goes away', async (t) => {
    const { service, closed } = await open(t, 'voice-live');
    service.socket.close(1011, 'internal error');
    assert.equal((await closed).error?.code, 'MODEL_UNAVAILABLE');
  });

  it('does not come of our own close, nor of a call that is over', async (t) => {
    const first = await open(t, 'realtime-ga');
    first.model.close();
    first.model.close();
    first.model.requestReply({ say: 'Too late.' });
    assert.deepEqual(await first.closed, { type: 'closed', error: undefined });
    const abort = new AbortController();
    const second = await open(t, 'realtime-ga', { signal: abort.signal });
    abort.abort();
    assert.deepEqual(await second.closed, { type: 'closed', error: undefined });
  });
});
