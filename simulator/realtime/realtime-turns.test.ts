// Tests of spoken turns and tool rounds with the realtime stand-in: the order of events, and what they hold.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { AudioFormat } from '../voice/audio-format.ts';
import { resample } from '../voice/resample.ts';
import { createTone, measureToneSnrDb } from '../voice/tone.ts';
import { decodeWireAudio } from './audio-wire.ts';
import { gaPath, type ProbeEvent, pcm24, type RealtimeProbe, startProbed, voiceLivePath } from './realtime-probe.ts';

const orders: Record<string, string[]> = JSON.parse(
  readFileSync(new URL('./fixtures/event-orders.json', import.meta.url), 'utf8'),
);
let world: Awaited<ReturnType<typeof startProbed>>;
before(async () => {
  world = await startProbed();
});
after(() => world.stop());

/** Types in order: transcription left out (it comes when it comes), repeated deltas once, audio and its words in one. */
function listOrder(events: readonly ProbeEvent[], transcriptionCounts = false): string[] {
  const isOutput = (type: string) => /audio(_transcript)?\.delta$/.test(type);
  const types = events
    .map(({ type }) => type)
    .filter((type) => transcriptionCounts || !type.includes('input_audio_transcription'));
  const order: string[] = [];
  for (const type of types) {
    const last = order.at(-1) ?? '';
    if (isOutput(type) && (isOutput(last) || last.startsWith('('))) {
      if (!last.startsWith('(')) order.push('(audio and transcript deltas)');
    } else if (!(type === last && type.endsWith('.delta'))) order.push(type);
  }
  return order;
}

async function say(probe: RealtimeProbe, text: string, format: AudioFormat = pcm24): Promise<void> {
  const words = resample(await world.speak(text), 16000, format.sampleRate);
  const samples = new Int16Array(words.length + format.sampleRate * 1.5);
  samples.set(words, format.sampleRate / 2);
  probe.speak(samples, format);
}

function joinAudio(probe: RealtimeProbe, type: string, format: AudioFormat): Int16Array {
  return Int16Array.from(probe.of(type).flatMap(({ delta }) => [...decodeWireAudio(delta, format)!]));
}

const gaSession = { type: 'realtime', audio: { input: { transcription: { model: 'gpt-4o-transcribe' } } } };
const tools = [
  { type: 'function', name: 'current_time', parameters: { type: 'object', properties: {} } },
  { type: 'function', name: 'take_note', parameters: { type: 'object', properties: {} } },
];

describe('a spoken turn', () => {
  it('goes in the recorded order over GA, and answers what was heard', async () => {
    const probe = await world.open(gaPath);
    probe.send({ type: 'session.update', session: gaSession });
    await say(probe, 'What are your opening hours?');
    const { response } = await probe.next('response.done');
    assert.deepEqual(listOrder(probe.events), orders['spoken turn, GA']);

    const reply = 'We are open from nine to five, Monday to Friday.';
    assert.equal(response.status, 'completed');
    assert.deepEqual(response.output[0].content, [{ type: 'output_audio', transcript: reply }]);
    const words = probe.of('response.output_audio_transcript.delta');
    assert.equal(words.map(({ delta }) => delta).join(''), reply);
    assert.ok(words.every(({ obfuscation }) => obfuscation.length >= 8));
    const part = { type: 'audio', transcript: '' };
    const [added] = probe.of('response.content_part.added');
    assert.deepEqual([added!.part, added!.content], [part, part]);
    const [completed] = probe.of('conversation.item.input_audio_transcription.completed');
    assert.equal(completed!.transcript, 'What are your opening hours?');

    const spoken = joinAudio(probe, 'response.output_audio.delta', pcm24);
    assert.deepEqual(spoken, resample(await world.speak(reply, 'rms'), 16000, 24000));
    assert.equal(Buffer.from(probe.of('response.output_audio.delta')[0]!.delta, 'base64').length, 12_000);
    await probe.close();
  });

  it('counts its milliseconds in steps of 32 ms, padding and silence included', async () => {
    const probe = await world.open(gaPath);
    const tone = createTone(400, 960, 24000);
    const samples = new Int16Array(24000 * 4);
    samples.set(tone, (24000 * 1856) / 1000);
    probe.speak(samples);
    const { audio_start_ms, item_id } = await probe.next('input_audio_buffer.speech_started');
    const stopped = await probe.next('input_audio_buffer.speech_stopped');
    const committed = await probe.next('input_audio_buffer.committed');
    assert.equal(audio_start_ms, 1856 - 300);
    assert.equal(stopped.audio_end_ms, 1856 + 960 + 224);
    assert.deepEqual([stopped.item_id, committed.item_id, committed.previous_item_id], [item_id, item_id, null]);
    await probe.close();
  });

  it('goes in the recorded order over Voice Live, with a speech model and with a text model', async () => {
    for (const [model, order] of [
      ['gpt-realtime', 'spoken turn, Voice Live with a speech model'],
      ['gpt-4.1', 'spoken turn, Voice Live with a text model'],
    ] as const) {
      const probe = await world.open(voiceLivePath(model));
      const detection = { type: 'server_vad' };
      probe.send({ type: 'session.update', session: { modalities: ['text', 'audio'], turn_detection: detection } });
      await say(probe, 'Hello.');
      const { response } = await probe.next('response.done');
      assert.deepEqual(listOrder(probe.events, model === 'gpt-4.1'), orders[order]);
      assert.deepEqual(response.output[0].content, [{ type: 'audio', transcript: 'Hello. How can I help you?' }]);
      const item = probe.of('response.output_item.added')[0]!.item;
      assert.match(item.id, model === 'gpt-4.1' ? /^msg_/ : /^item_/);
      assert.equal(item.status, model === 'gpt-4.1' ? 'incomplete' : 'in_progress');
      assert.equal(probe.of('response.audio_transcript.delta')[0]!.obfuscation, undefined);
      await probe.close();
    }
  });

  it('is heard and answered in every format of either side', async () => {
    const mulaw: AudioFormat = { encoding: 'mulaw', sampleRate: 8000 };
    const pcm16: AudioFormat = { encoding: 'pcm16', sampleRate: 16000 };
    const pcmu = { type: 'audio/pcmu' };
    const ga = { type: 'realtime', audio: { input: { format: pcmu }, output: { format: pcmu } } };
    const narrow = { input_audio_format: 'g711_ulaw', output_audio_format: 'g711_ulaw' };
    const wide = {
      input_audio_format: 'pcm16',
      input_audio_sampling_rate: 16000,
      output_audio_format: 'pcm16_16000hz',
    };
    for (const [path, session, format, delta] of [
      [gaPath, ga, mulaw, 'response.output_audio.delta'],
      [voiceLivePath('gpt-realtime'), narrow, mulaw, 'response.audio.delta'],
      [voiceLivePath('gpt-realtime'), wide, pcm16, 'response.audio.delta'],
    ] as const) {
      const probe = await world.open(path);
      probe.send({ type: 'session.update', session });
      await say(probe, 'Where are you located?', format);
      const { response } = await probe.next('response.done');
      assert.match(response.output[0].content[0].transcript, /Main Street/);
      const spokenMs = (joinAudio(probe, delta, format).length * 1000) / format.sampleRate;
      const expectedMs =
        (await world.speak('You find us at one Main Street, opposite the station.', 'rms')).length / 16;
      assert.ok(Math.abs(spokenMs - expectedMs) < 1, `${spokenMs} ms`);
      await probe.close();
    }
  });

  it('that is not understood is answered so, with an empty transcript', async () => {
    const probe = await world.open(gaPath);
    probe.send({ type: 'session.update', session: gaSession });
    await say(probe, 'Purple elephants.');
    const { response } = await probe.next('response.done');
    assert.equal(response.output[0].content[0].transcript, 'Sorry, I did not understand.');
    assert.equal(probe.of('conversation.item.input_audio_transcription.completed')[0]!.transcript, '');
    await probe.close();
  });

  it('goes on when its transcription model is not deployed', async () => {
    const probe = await world.open(gaPath);
    const input = { transcription: { model: 'not-deployed' } };
    probe.send({ type: 'session.update', session: { type: 'realtime', audio: { input } } });
    await say(probe, 'Hello.');
    const { error } = await probe.next('conversation.item.input_audio_transcription.failed');
    assert.deepEqual([error.type, error.code], ['server_error', 'DeploymentNotFound']);
    assert.equal((await probe.next('response.done')).response.status, 'completed');
    await probe.close();
  });

  it('waits for a commit and a request when turn detection is off', async () => {
    const probe = await world.open(gaPath);
    probe.send({ type: 'session.update', session: { type: 'realtime', audio: { input: { turn_detection: null } } } });
    assert.equal((await probe.provoke({ type: 'input_audio_buffer.commit' })).code, 'input_audio_buffer_commit_empty');
    await say(probe, 'Hello.');
    probe.send({ type: 'input_audio_buffer.commit' });
    await probe.next('conversation.item.done');
    probe.send({ type: 'response.create' });
    const { response } = await probe.next('response.done');
    assert.equal(response.output[0].content[0].transcript, 'Hello. How can I help you?');
    assert.equal(probe.of('input_audio_buffer.speech_started').length, 0);
    await probe.close();
  });
});

describe('a tool round', () => {
  it('goes in the recorded order, and its output ends up in what is said', async () => {
    for (const [path, order, session] of [
      [gaPath, 'tool round, GA', { type: 'realtime', tools }],
      [voiceLivePath('gpt-realtime'), 'tool round, Voice Live', { tools }],
    ] as const) {
      const probe = await world.open(path);
      probe.send({ type: 'session.update', session });
      const content = [{ type: 'input_text', text: 'What time is it?' }];
      probe.send({ type: 'conversation.item.create', item: { type: 'message', role: 'user', content } });
      probe.send({ type: 'response.create' });
      const call = await probe.next('response.function_call_arguments.done');
      assert.deepEqual([call.name, call.arguments], ['current_time', '{}']);
      const output = (await probe.next('response.done')).response.output[0];
      assert.equal(output.call_id, call.call_id);
      const answer = { type: 'function_call_output', call_id: call.call_id, output: '{"time":"ten o clock"}' };
      probe.send({ type: 'conversation.item.create', item: answer });
      probe.send({ type: 'response.create' });
      const { response } = await probe.next('response.done');
      assert.equal(response.output[0].content[0].transcript, 'It is ten o clock.');
      assert.deepEqual(listOrder(probe.events), orders[order]);
      await probe.close();
    }
  });

  it('takes an output only for a call it made', async () => {
    const probe = await world.open(gaPath);
    const item = { type: 'function_call_output', call_id: 'call_0', output: 'x' };
    const error = await probe.provoke({ type: 'conversation.item.create', item });
    assert.deepEqual([error.code, error.param, error.event_id], ['invalid_tool_call_id', 'item.call_id', 'evt_test']);
    await probe.close();
  });
});

describe('the model named echo', () => {
  it('says again what it hears, clean enough to measure, at the rates of both sides', async () => {
    const wide: AudioFormat = { encoding: 'pcm16', sampleRate: 16000 };
    const session = { input_audio_format: 'pcm16', input_audio_sampling_rate: 16000, output_audio_format: 'pcm16' };
    for (const [path, update, format, delta] of [
      ['/openai/v1/realtime?model=echo', { type: 'realtime' }, pcm24, 'response.output_audio.delta'],
      [voiceLivePath('echo'), session, wide, 'response.audio.delta'],
    ] as const) {
      const probe = await world.open(path);
      probe.send({ type: 'session.update', session: update });
      const tone = createTone(440, 2000, format.sampleRate);
      probe.speak(tone, format);
      probe.speak(new Int16Array(format.sampleRate * 1.2), format);
      await probe.next('response.done');
      const heard = joinAudio(probe, delta, pcm24).subarray(0, 24000 * 1.75);
      const snr = measureToneSnrDb(heard, 24000, 440, 30);
      assert.ok(snr > 60, `${snr} dB`);
      assert.equal(probe.of('input_audio_buffer.speech_started').length, 0);
      await probe.close();
    }
  });
});
