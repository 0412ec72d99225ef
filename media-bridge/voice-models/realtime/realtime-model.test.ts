// Replies, tools and interruptions over a scripted realtime service; all that is sent is held to its schemas.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { validateClientEvent } from '../../../simulator/realtime/client-event-check.ts';
import { pcm16k } from '../../audio/audio-format.ts';
import {
  cancelled,
  done,
  ended,
  error,
  type OpenScripted,
  openScripted,
  speechStarted,
  spoken,
  toolCall,
} from './testing/scripted-realtime.ts';

const open = (t: TestContext, ...rest: OpenScripted) => openScripted(validateClientEvent, t, ...rest);

describe('a reply', () => {
  for (const kind of ['realtime-ga', 'voice-live'] as const) {
    it(`comes as words and audio in order (${kind})`, async (t) => {
      const { service, events } = await open(t, kind);
      const audio = [Buffer.alloc(1999, 1), Buffer.alloc(3, 2)];
      service.send(...spoken(kind, 1, audio), ...ended(kind, 1, 'Good day!'));
      await service.settle();
      assert.deepEqual(events, [
        { type: 'reply-started', replyId: 'resp_1' },
        { type: 'transcript', role: 'agent', turnId: 'resp_1', text: 'Good day.', final: false },
        { type: 'audio', replyId: 'resp_1', audio: audio[0] },
        { type: 'audio', replyId: 'resp_1', audio: audio[1] },
        { type: 'transcript', role: 'agent', turnId: 'resp_1', text: 'Good day!', final: true },
        { type: 'reply-finished', replyId: 'resp_1', outcome: 'completed' },
      ]);
    });
  }

  it('says given words by instructions over GA, and lets Voice Live read them out', async (t) => {
    const ga = await open(t, 'realtime-ga');
    ga.model.requestReply({ say: 'Welcome to Contoso.' });
    const [create] = await ga.service.take('response.create');
    assert.match(create!.response.instructions, /Say exactly: "Welcome to Contoso\."$/);
    assert.equal(create!.response.tool_choice, 'none');
    const live = await open(t, 'voice-live');
    live.model.requestReply({ say: 'Welcome to Contoso.' });
    const [read] = await live.service.take('response.create');
    assert.deepEqual(read!.response, {
      pre_generated_assistant_message: {
        type: 'message',
        role: 'assistant',
        content: [{ type: 'text', text: 'Welcome to Contoso.' }],
      },
    });
  });

  it('keeps the instructions of the session when it is given others', async (t) => {
    const { model, service } = await open(t, 'realtime-ga');
    model.requestReply({ instructions: 'Greet the caller.' });
    const [create] = await service.take('response.create');
    assert.match(create!.response.instructions, /^Greet the caller\.[\s\S]*You work for Contoso\.$/);
  });

  it('waits until the one before is made', async (t) => {
    const { model, service } = await open(t, 'realtime-ga');
    service.send({ type: 'response.created', response: { id: 'resp_1' } });
    await service.settle();
    model.requestReply({ say: 'Later.' });
    await service.settle();
    assert.deepEqual(service.rest, []);
    service.send(done(1, 'completed'));
    await service.take('response.create');
  });

  it('is asked for again when another response came first', async (t) => {
    const { model, service } = await open(t, 'realtime-ga');
    model.requestReply({ say: 'Hello.' });
    const [create] = await service.take('response.create');
    service.send(
      { type: 'response.created', response: { id: 'resp_1' } },
      error('conversation_already_has_active_response', create!.event_id),
      done(1, 'completed'),
    );
    const [again] = await service.take('response.create');
    assert.deepEqual(again!.response, create!.response);
  });

  it('is asked for once more when it failed, and then the model is given up', async (t) => {
    const { model, service, closed } = await open(t, 'realtime-ga');
    model.requestReply({ say: 'Hello.' });
    const failure = { type: 'failed', error: { type: 'server_error', code: 'rate_limit_exceeded' } };
    for (const n of [1, 2]) {
      await service.take('response.create');
      service.send({ type: 'response.created', response: { id: `resp_${n}` } }, done(n, 'failed', failure));
    }
    assert.equal((await closed).error?.code, 'MODEL_THROTTLED');
  });

  it('of which the words came and next to nothing of the voice has failed', async (t) => {
    const { model, service, events } = await open(t, 'realtime-ga');
    const words = 'Thank you for calling. How can I help you today?';
    model.requestReply({ say: words });
    await service.take('response.create');
    service.send(...spoken('realtime-ga', 1, [Buffer.alloc(1_600)], words), ...ended('realtime-ga', 1, words));
    await service.take('response.create');
    const heard = [Buffer.alloc(48 * 1_500)];
    service.send(...spoken('realtime-ga', 2, heard, words), ...ended('realtime-ga', 2, words));
    await service.settle();
    const outcomes = events.flatMap((event) => (event.type === 'reply-finished' ? [event.outcome] : []));
    assert.deepEqual(outcomes, ['failed', 'completed']);
  });

  it('may fail now and then', async (t) => {
    const { model, service, events } = await open(t, 'realtime-ga');
    model.requestReply({ say: 'Hello.' });
    const failure = { type: 'failed', error: { type: 'server_error', code: null } };
    for (const n of [1, 3]) {
      await service.take('response.create');
      service.send({ type: 'response.created', response: { id: `resp_${n}` } }, done(n, 'failed', failure));
      await service.take('response.create');
      service.send(...spoken('realtime-ga', n + 1, [Buffer.alloc(800)]), ...ended('realtime-ga', n + 1));
      await service.settle();
      model.requestReply({ say: 'Hello again.' });
    }
    await service.take('response.create');
    assert.equal(
      events.some(({ type }) => type === 'closed'),
      false,
    );
  });

  it('to a key that was pressed is an answer to a turn of the caller', async (t) => {
    const { model, service } = await open(t, 'realtime-ga');
    model.sendText('The caller pressed the key 1.');
    const [item] = await service.take('conversation.item.create', 'response.create');
    assert.deepEqual(item!.item.content, [{ type: 'input_text', text: 'The caller pressed the key 1.' }]);
  });

  it('that the content filter stopped becomes a polite refusal', async (t) => {
    const { service } = await open(t, 'realtime-ga');
    const details = { type: 'incomplete', reason: 'content_filter' };
    service.send({ type: 'response.created', response: { id: 'resp_1' } }, done(1, 'incomplete', details));
    const [create] = await service.take('response.create');
    assert.match(create!.response.instructions, /cannot help with that/);
  });

  it('that the content filter stops again and again is the end of this model, not a loop', async (t) => {
    const { service, closed } = await open(t, 'realtime-ga');
    const details = { type: 'incomplete', reason: 'content_filter' };
    service.send({ type: 'response.created', response: { id: 'resp_1' } }, done(1, 'incomplete', details));
    await service.take('response.create');
    service.send({ type: 'response.created', response: { id: 'resp_2' } }, done(2, 'incomplete', details));
    assert.equal((await closed).error?.code, 'MODEL_UNAVAILABLE');
    assert.deepEqual(service.rest, []);
  });
});

describe('a tool', () => {
  it('is called, and its result answered when the response is done', async (t) => {
    for (const kind of ['realtime-ga', 'voice-live'] as const) {
      const { model, service, events } = await open(t, kind);
      service.send({ type: 'response.created', response: { id: 'resp_1' } }, ...toolCall(1));
      await service.settle();
      const call = { type: 'tool-call', toolCallId: 'call_1', name: 'look_up', input: '{ "a": 1}', replyId: undefined };
      assert.deepEqual(events, [call]);
      model.sendToolResult('call_1', '{"found":true}');
      const [output] = await service.take('conversation.item.create');
      assert.deepEqual(
        [output!.item.type, output!.item.call_id, output!.item.output],
        ['function_call_output', 'call_1', '{"found":true}'],
      );
      await service.settle();
      assert.deepEqual(service.rest, []);
      service.send(done(1, 'completed'));
      const [create] = await service.take('response.create');
      assert.equal(create!.response, undefined);
    }
  });

  it('names the reply that says something in the same response', async (t) => {
    for (const kind of ['realtime-ga', 'voice-live'] as const) {
      const { service, events } = await open(t, kind);
      service.send({ type: 'response.created', response: { id: 'resp_1' } });
      service.send(...spoken(kind, 1, [Buffer.alloc(480)]), ...ended(kind, 1), ...toolCall(1));
      await service.settle();
      const call = events.find(({ type }) => type === 'tool-call');
      assert.equal(call?.type === 'tool-call' && call.replyId, 'resp_1');
    }
  });

  it('is not called when the call was cut off', async (t) => {
    const { service, events } = await open(t, 'realtime-ga');
    const item = {
      id: 'item_1',
      type: 'function_call',
      name: 'look_up',
      call_id: 'call_1',
      arguments: '{"a',
      status: 'incomplete',
    };
    service.send(
      { type: 'response.created', response: { id: 'resp_1' } },
      { type: 'response.output_item.done', response_id: 'resp_1', item },
      cancelled(1),
    );
    await service.settle();
    assert.deepEqual(events, []);
  });
});

describe('an interruption', () => {
  it('truncates at what was heard, and does not cancel what the service stops itself', async (t) => {
    const { model, service, events } = await open(t, 'realtime-ga');
    const pieces = [1, 1999, 7, 3993].map((bytes) => Buffer.alloc(bytes, 1));
    service.send(...spoken('realtime-ga', 1, pieces), speechStarted);
    await service.settle();
    assert.equal(events.at(-1)?.type, 'caller-started-speaking');
    model.interrupt('resp_1', 333.4);
    const [truncate] = await service.take('conversation.item.truncate');
    assert.deepEqual(truncate, {
      type: 'conversation.item.truncate',
      item_id: 'item_1',
      content_index: 0,
      audio_end_ms: 333,
    });
    model.interrupt('resp_1', 333.4);
    await service.settle();
    assert.deepEqual(service.rest, []);
  });

  it('drops late pieces of the reply', async (t) => {
    const { model, service, events } = await open(t, 'realtime-ga');
    const pieces = spoken('realtime-ga', 1, [Buffer.alloc(800)]);
    service.send(...pieces, speechStarted);
    await service.settle();
    model.interrupt('resp_1', 50);
    const before = events.length;
    service.send(pieces.at(-1)!, pieces.at(-2)!, cancelled(1), pieces.at(-1)!);
    await service.settle();
    assert.deepEqual(events.slice(before), [{ type: 'reply-finished', replyId: 'resp_1', outcome: 'interrupted' }]);
  });

  it('deletes the item of which nothing was heard', async (t) => {
    const { model, service } = await open(t, 'realtime-ga');
    service.send(...spoken('realtime-ga', 1, []), speechStarted);
    await service.settle();
    model.interrupt('resp_1', 0);
    const [gone] = await service.take('conversation.item.delete');
    assert.equal(gone!.item_id, 'item_1');
  });

  it('cancels a reply that nobody spoke over', async (t) => {
    const { model, service } = await open(t, 'realtime-ga');
    service.send(...spoken('realtime-ga', 1, [Buffer.alloc(8000)]));
    await service.settle();
    model.interrupt('resp_1', 400);
    const [cancel, truncate] = await service.take('response.cancel', 'conversation.item.truncate');
    assert.equal(cancel!.response_id, 'resp_1');
    assert.equal(truncate!.audio_end_ms, 400);
  });

  it('cuts a reply that was made long before it is heard', async (t) => {
    const { model, service } = await open(t, 'voice-live', { carrierFormat: pcm16k });
    service.send(...spoken('voice-live', 1, [Buffer.alloc(32_000)]), ...ended('voice-live', 1), speechStarted);
    await service.settle();
    assert.equal(model.interrupt('resp_1', 640), 'Good', 'the record says what the model remembers');
    const [truncate] = await service.take('conversation.item.truncate');
    assert.equal(truncate!.audio_end_ms, 640);
    await service.settle();
    assert.deepEqual(service.rest, []);
  });

  it('of an unknown reply does nothing', async (t) => {
    const { model, service } = await open(t, 'realtime-ga');
    assert.equal(model.interrupt('resp_9', 100), '');
    await service.settle();
    assert.deepEqual(service.rest, []);
  });

  it('before the reply is there cancels it when it comes, and nothing of it is heard', async (t) => {
    const { model, service, events } = await open(t, 'realtime-ga');
    model.requestReply({ say: 'Hello.' });
    await service.take('response.create');
    service.send(speechStarted, ...spoken('realtime-ga', 1, [Buffer.alloc(800)]));
    const [cancel] = await service.take('response.cancel');
    assert.equal(cancel!.response_id, 'resp_1');
    service.send(cancelled(1));
    await service.settle();
    assert.deepEqual(
      events.map(({ type }) => type),
      ['caller-started-speaking'],
    );
  });
});

describe('the caller', () => {
  it('is heard and written down, turn by turn', async (t) => {
    const { model, service, events } = await open(t, 'realtime-ga');
    model.sendAudio(Buffer.from([255, 254]));
    const [append] = await service.take('input_audio_buffer.append');
    assert.equal(append!.audio, '//4=');
    const transcription = 'conversation.item.input_audio_transcription';
    service.send(
      speechStarted,
      { type: 'input_audio_buffer.speech_stopped', audio_end_ms: 900, item_id: 'item_c' },
      { type: 'input_audio_buffer.committed', previous_item_id: null, item_id: 'item_c' },
      { type: `${transcription}.delta`, item_id: 'item_c', content_index: 0, delta: 'Are you' },
      { type: `${transcription}.delta`, item_id: 'item_c', content_index: 0, delta: ' open?' },
      { type: `${transcription}.completed`, item_id: 'item_c', content_index: 0, transcript: 'Are you open?\n' },
    );
    await service.settle();
    const words = (text: string, final: boolean) => ({
      type: 'transcript',
      role: 'caller',
      turnId: 'item_c',
      text,
      final,
    });
    assert.deepEqual(events, [
      { type: 'caller-started-speaking', turnId: 'item_c' },
      { type: 'caller-stopped-speaking', turnId: 'item_c' },
      words('Are you', false),
      words('Are you open?', false),
      words('Are you open?', true),
    ]);
  });

  it('said nothing where the service made up a turn or could not transcribe one', async (t) => {
    const { service, events } = await open(t, 'realtime-ga');
    const transcription = 'conversation.item.input_audio_transcription';
    service.send(
      { type: 'input_audio_buffer.timeout_triggered', audio_start_ms: 0, audio_end_ms: 6000, item_id: 'item_n' },
      { type: 'conversation.item.added', item: { id: 'item_s', type: 'message', role: 'system', content: [] } },
      { type: `${transcription}.completed`, item_id: 'item_n', content_index: 0, transcript: '' },
      {
        type: `${transcription}.failed`,
        item_id: 'item_c',
        error: { type: 'server_error', code: 'DeploymentNotFound' },
      },
    );
    await service.settle();
    assert.deepEqual(events, []);
  });
});
