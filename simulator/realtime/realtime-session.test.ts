// Tests of what the realtime stand-in does besides spoken turns: settings, items, truncation, cancelling, requests.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createTone } from '../voice/tone.ts';
import { gaPath, type RealtimeProbe, startProbed, voiceLivePath } from './realtime-probe.ts';

let world: Awaited<ReturnType<typeof startProbed>>;
/** Speaks as slowly as the live service does, so that there is something to interrupt. */
let slow: Awaited<ReturnType<typeof startProbed>>;
before(async () => {
  world = await startProbed();
  slow = await startProbed({ timing: { audioSpeed: 10, firstAudioMs: 0, transcriptionMs: 0 } });
});
after(() => Promise.all([world.stop(), slow.stop()]));

const long = {
  instructions: 'Say exactly: This is a long sentence that takes several seconds to say aloud, for it has many words.',
};
const text = (words: string, role = 'user') => ({
  type: 'message',
  role,
  content: [{ type: 'input_text', text: words }],
});

async function speakFor(probe: RealtimeProbe, words: string) {
  probe.send({ type: 'response.create', response: { instructions: `Say exactly: ${words}` } });
  return (await probe.next('response.done')).response;
}

describe('a session', () => {
  it('begins with the defaults of Azure GA', async () => {
    const probe = await world.open(gaPath);
    const { session, event_id } = await probe.next('session.created');
    assert.match(event_id, /^event_\w{21}$/);
    assert.match(session.id, /^sess_\w{21}$/);
    assert.deepEqual([session.type, session.model, session.tool_choice], ['realtime', 'gpt-realtime', 'auto']);
    assert.deepEqual(session.audio.input.turn_detection, {
      type: 'server_vad',
      threshold: 0.5,
      prefix_padding_ms: 300,
      silence_duration_ms: 200,
      idle_timeout_ms: null,
      create_response: true,
      interrupt_response: true,
    });
    assert.deepEqual(session.audio.output, { format: { type: 'audio/pcm', rate: 24000 }, voice: 'alloy', speed: 1 });
    assert.ok(Math.abs(session.expires_at - Date.now() / 1000 - 3600) < 5);
    await probe.close();
  });

  it('begins with the defaults of Voice Live, which change with a bare server_vad', async () => {
    const probe = await world.open(voiceLivePath('gpt-realtime'));
    const { session } = await probe.next('session.created');
    assert.equal(session.model, 'gpt-realtime-global-standard');
    assert.equal(session.output_audio_format, null);
    assert.deepEqual(
      [session.turn_detection.prefix_padding_ms, session.turn_detection.silence_duration_ms],
      [300, 200],
    );
    probe.send({ type: 'session.update', session: { turn_detection: { type: 'server_vad' }, voice: 'sage' } });
    const updated = (await probe.next('session.updated')).session;
    assert.deepEqual(
      [updated.turn_detection.prefix_padding_ms, updated.turn_detection.silence_duration_ms],
      [400, 500],
    );
    assert.deepEqual(updated.voice, { name: 'sage', type: 'openai' });
    await probe.close();
  });

  it('changes only the fields that are present and tells the whole', async () => {
    const probe = await world.open(gaPath);
    const input = { format: { type: 'audio/pcmu' }, transcription: { model: 'whisper-1', language: 'en' } };
    probe.send({ type: 'session.update', session: { type: 'realtime', audio: { input } } });
    const first = (await probe.next('session.updated')).session;
    assert.deepEqual(first.audio.input.transcription, { model: 'whisper-1', language: 'en', prompt: null });
    assert.equal(first.audio.output.format.type, 'audio/pcm');
    probe.send({ type: 'session.update', session: { type: 'realtime', instructions: 'Be brief.' } });
    const second = (await probe.next('session.updated')).session;
    assert.deepEqual(second.audio, first.audio);
    assert.equal(second.instructions, 'Be brief.');
    await probe.close();
  });

  it('keeps its voice once it has spoken, and its model for good', async () => {
    const probe = await world.open(gaPath);
    const update = (voice: string) => ({
      type: 'session.update',
      session: { type: 'realtime', audio: { output: { voice } } },
    });
    probe.send(update('marin'));
    assert.equal((await probe.next('session.updated')).session.audio.output.voice, 'marin');
    await speakFor(probe, 'Hello.');
    assert.equal((await probe.provoke(update('cedar'))).code, 'cannot_update_voice');
    probe.send(update('marin'));
    await probe.next('session.updated');
    const model = await probe.provoke({ type: 'session.update', session: { type: 'realtime', model: 'gpt-5' } });
    assert.deepEqual([model.code, model.param], ['invalid_value', 'session.model']);
    await probe.close();
  });

  it('survives messages that are no events, and answers each with an error', async () => {
    const probe = await world.open(gaPath);
    probe.sendText('{"type":');
    assert.equal((await probe.next('error')).error.code, 'invalid_json');
    assert.equal((await probe.provoke({ type: 'no.such.event' })).param, 'type');
    const odd = await probe.provoke({ type: 'input_audio_buffer.append', audio: 'AA==' });
    assert.deepEqual([odd.code, odd.param], ['invalid_value', 'audio']);
    assert.equal(
      (await probe.provoke({ type: 'input_audio_buffer.append', audio: '*** not base64 ***' })).param,
      'audio',
    );
    assert.equal((await speakFor(probe, 'Hello.')).status, 'completed');
    await probe.close();
  });
});

describe('a request for a response', () => {
  it('says the words it is told to say, greets otherwise, and answers what was typed', async () => {
    const probe = await world.open(gaPath);
    assert.equal((await speakFor(probe, 'Welcome to Contoso.')).output[0].content[0].transcript, 'Welcome to Contoso.');
    probe.send({ type: 'conversation.item.create', item: text('Where are you located?') });
    probe.send({ type: 'response.create' });
    const { response } = await probe.next('response.done');
    assert.match(response.output[0].content[0].transcript, /Main Street/);
    await probe.close();
  });

  it('speaks the message that comes ready made, over Voice Live', async () => {
    const probe = await world.open(voiceLivePath('gpt-4.1'));
    const message = { type: 'message', role: 'assistant', content: [{ type: 'text', text: 'Welcome to Contoso.' }] };
    probe.send({ type: 'response.create', response: { pre_generated_assistant_message: message } });
    const { response } = await probe.next('response.done');
    assert.equal(response.output[0].content[0].transcript, 'Welcome to Contoso.');
    assert.ok(probe.of('response.audio.delta').length >= 2);
    await probe.close();
  });

  it('may have an output format and tools of its own', async () => {
    const probe = await world.open(gaPath);
    const output = { format: { type: 'audio/pcmu' } };
    const tools = [{ type: 'function', name: 'current_time' }];
    probe.send({ type: 'conversation.item.create', item: text('What time is it?') });
    probe.send({ type: 'response.create', response: { tools } });
    assert.equal((await probe.next('response.done')).response.output[0].name, 'current_time');
    probe.send({ type: 'conversation.item.create', item: text('What time is it?') });
    probe.send({ type: 'response.create', response: { tools, tool_choice: 'none', audio: { output } } });
    const { response } = await probe.next('response.done');
    assert.equal(response.output[0].content[0].transcript, 'I cannot do that for you.');
    assert.equal(response.audio.output.format.type, 'audio/pcmu');
    assert.equal(Buffer.from(probe.of('response.output_audio.delta')[0]!.delta, 'base64').length, 2000);
    await probe.close();
  });

  it('is refused while another response is made, with the id of the event', async () => {
    const probe = await slow.open(gaPath);
    probe.send({ type: 'response.create', response: long });
    await probe.next('response.output_audio.delta');
    const error = await probe.provoke({ type: 'response.create' });
    assert.deepEqual([error.code, error.event_id], ['conversation_already_has_active_response', 'evt_test']);
    assert.equal((await probe.next('response.done')).response.status, 'completed');
    await probe.close();
  });

  it('out of band runs beside the spoken one, and joins no conversation', async () => {
    const probe = await slow.open(gaPath);
    probe.send({ type: 'response.create', response: long });
    await probe.next('response.output_audio.delta');
    const metadata = { purpose: 'summary' };
    const input = [text('What are your opening hours?')];
    const response = { conversation: 'none', output_modalities: ['text'], metadata, input };
    probe.send({ type: 'response.create', response });
    const aside = (await probe.next('response.done')).response;
    assert.deepEqual([aside.metadata, aside.conversation_id], [metadata, null]);
    assert.match(aside.output[0].content[0].text, /nine to five/);
    assert.equal((await probe.next('response.done')).response.metadata, null);
    const added = probe.of('conversation.item.added').map(({ item }) => item.id);
    assert.ok(!added.includes(aside.output[0].id));
    await probe.close();
  });

  it('comes in a burst of three deltas and then faster than real time, not at once', async () => {
    const probe = await slow.open(gaPath);
    const session = slow.service.sessions.at(-1)!;
    probe.send({ type: 'response.create', response: long });
    await probe.next('response.done');
    const times = session.log.events
      .filter(({ type }) => type === 'response.output_audio.delta')
      .map(({ atMs }) => atMs);
    assert.ok(times.length > 12, `${times.length} deltas`);
    // Timers never fire early: each delta after the burst is at least 25 ms (less rounding) after the start, times its place.
    for (let i = 3; i < times.length; i++) assert.ok(times[i]! - times[0]! >= (i - 2) * 25 - 5, `delta ${i}`);
    await probe.close();
  });
});

describe('an interruption', () => {
  it('by speech cancels the response: turn_detected, all its parts closed', async () => {
    const probe = await slow.open(gaPath);
    probe.send({ type: 'response.create', response: long });
    await probe.next('response.output_audio.delta');
    probe.speak(createTone(300, 400, 24000));
    await probe.next('input_audio_buffer.speech_started');
    const { response } = await probe.next('response.done');
    assert.deepEqual(
      [response.status, response.status_details],
      ['cancelled', { type: 'cancelled', reason: 'turn_detected' }],
    );
    assert.equal(response.output[0].status, 'incomplete');
    const types = probe.events.map(({ type }) => type).slice(-6);
    assert.deepEqual(types, [
      'response.output_audio.done',
      'response.output_audio_transcript.done',
      'response.content_part.done',
      'conversation.item.done',
      'response.output_item.done',
      'response.done',
    ]);
    await probe.close();
  });

  it('by speech leaves the response alone when interrupt_response is off', async () => {
    const probe = await slow.open(gaPath);
    const detection = { type: 'server_vad', interrupt_response: false };
    probe.send({
      type: 'session.update',
      session: { type: 'realtime', audio: { input: { turn_detection: detection } } },
    });
    probe.send({ type: 'response.create', response: long });
    await probe.next('response.output_audio.delta');
    probe.speak(createTone(300, 400, 24000));
    await probe.next('input_audio_buffer.speech_started');
    assert.equal((await probe.next('response.done')).response.status, 'completed');
    await probe.close();
  });

  it('by the client is told as client_cancelled, and with nothing to cancel as a harmless error', async () => {
    const probe = await slow.open(gaPath);
    assert.equal((await probe.provoke({ type: 'response.cancel' })).code, 'response_cancel_not_active');
    probe.send({ type: 'response.create', response: long });
    const { response_id } = await probe.next('response.output_audio.delta');
    probe.send({ type: 'response.cancel', response_id });
    const { response } = await probe.next('response.done');
    assert.equal(response.status_details.reason, 'client_cancelled');
    await probe.close();
  });

  it('before the first word ends the response without an item', async () => {
    const probe = await slow.open(gaPath);
    slow.service.faults.slowFirstAudioMs = 60_000;
    probe.send({ type: 'response.create', response: long });
    await probe.next('response.created');
    probe.send({ type: 'response.cancel' });
    assert.deepEqual((await probe.next('response.done')).response.output, []);
    slow.service.faults.slowFirstAudioMs = 0;
    await probe.close();
  });
});

describe('truncating', () => {
  it('forgets the transcript and keeps what was heard', async () => {
    const probe = await world.open(gaPath);
    const item = (await speakFor(probe, 'Welcome to Contoso.')).output[0];
    probe.send({ type: 'conversation.item.truncate', item_id: item.id, content_index: 0, audio_end_ms: 400 });
    const truncated = await probe.next('conversation.item.truncated');
    assert.deepEqual([truncated.item_id, truncated.content_index, truncated.audio_end_ms], [item.id, 0, 400]);
    probe.send({ type: 'conversation.item.retrieve', item_id: item.id });
    assert.deepEqual((await probe.next('conversation.item.retrieved')).item.content, [{ type: 'output_audio' }]);
    const [kept] = world.service.sessions.at(-1)!.log.truncations;
    assert.deepEqual([kept!.itemId, kept!.audioEndMs], [item.id, 400]);
    assert.ok(kept!.audioMs > 1000);
    await probe.close();
  });

  it('beyond the audio, to nothing, of text, and of unknown items is refused', async () => {
    const probe = await world.open(gaPath);
    const item = (await speakFor(probe, 'Welcome to Contoso.')).output[0];
    const cut = (item_id: string, audio_end_ms: number) =>
      probe.provoke({ type: 'conversation.item.truncate', item_id, content_index: 0, audio_end_ms });
    const beyond = await cut(item.id, 60_000);
    assert.equal(beyond.code, 'invalid_value');
    assert.match(beyond.message, /^Audio content of \d+ms is already shorter than 60000ms$/);
    assert.equal((await cut(item.id, 0)).code, 'unsupported_content_type');
    assert.equal((await cut('item_unknown', 10)).param, 'item_id');
    probe.send({ type: 'conversation.item.create', item: { ...text('Hello.'), id: 'item_typed' } });
    await probe.next('conversation.item.done');
    assert.equal((await cut('item_typed', 10)).code, 'unsupported_content_type');
    await probe.close();
  });

  it('is not needed for an item nobody heard: it can be deleted', async () => {
    const probe = await world.open(gaPath);
    const item = (await speakFor(probe, 'Welcome to Contoso.')).output[0];
    probe.send({ type: 'conversation.item.delete', item_id: item.id });
    assert.equal((await probe.next('conversation.item.deleted')).item_id, item.id);
    const again = await probe.provoke({ type: 'conversation.item.delete', item_id: item.id });
    assert.equal(again.code, 'item_delete_invalid_item_id');
    await probe.close();
  });
});

describe('items of the client', () => {
  it('go where they are told to go', async () => {
    const probe = await world.open(gaPath);
    const create = async (id: string, previous?: string) => {
      probe.send({ type: 'conversation.item.create', previous_item_id: previous, item: { ...text('x'), id } });
      return (await probe.next('conversation.item.added')).previous_item_id;
    };
    assert.deepEqual([await create('a'), await create('b'), await create('c', 'root')], [null, 'a', null]);
    assert.equal(await create('d', 'a'), 'a');
    const ids = world.service.sessions.at(-1)!.items.map(({ id }) => id);
    assert.deepEqual(ids, ['c', 'a', 'd', 'b']);
    await probe.close();
  });

  it('are refused with an id that is taken, after an item that is not there, and as audio of the model', async () => {
    const probe = await world.open(gaPath);
    const create = (item: object, previous?: string) =>
      probe.provoke({ type: 'conversation.item.create', previous_item_id: previous, item });
    probe.send({ type: 'conversation.item.create', item: { ...text('x'), id: 'a' } });
    assert.equal((await create({ ...text('x'), id: 'a' })).param, 'item.id');
    assert.equal((await create(text('x'), 'nowhere')).param, 'previous_item_id');
    const content = [{ type: 'output_audio', transcript: 'x' }];
    assert.equal((await create({ type: 'message', role: 'assistant', content })).code, 'invalid_value');
    await probe.close();
  });
});
