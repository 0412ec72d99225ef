// The realtime models against a scripted service that speaks in the recorded order; all that they send is held to the services' schemas.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import { parseAgent } from '../../shared/agents/agent.ts';
import { silentLogger } from '../../shared/logger.ts';
import { validateClientEvent } from '../../simulator/realtime/client-event-check.ts';
import { mulaw8k, pcm16k, pcm24k } from '../audio/audio-format.ts';
import { createOpenAiDialect } from './openai-realtime-messages.ts';
import { openRealtimeModel } from './realtime-model.ts';
import { createVoiceLiveDialect } from './voice-live-messages.ts';
import type { VoiceModelEvent, VoiceModelOptions } from './voice-model.ts';

type Kind = 'realtime-ga' | 'voice-live';
// biome-ignore lint/suspicious/noExplicitAny: a test reads into whatever was sent.
type Wire = { type: string } & Record<string, any>;

const agent = parseAgent('test.md', '---\nname: test\nlanguage: en-GB\nphrases: [Contoso]\n---\nYou work for Contoso.');
const tool = { name: 'look_up', description: 'Looks up.', parameters: { type: 'object', properties: {} } };
const defaults: VoiceModelOptions = {
  agent,
  instructions: 'You work for Contoso.',
  tools: [tool],
  history: [],
  carrierFormat: mulaw8k,
  signal: new AbortController().signal,
};

/** One session of the service: answers the handshake, and then says what the test tells it to. */
class ScriptedService {
  readonly received: Wire[] = [];
  readonly faults: string[] = [];
  socket!: WebSocket;
  /** What session.updated says instead of an echo. */
  session: (asked: Wire) => object = (asked) => asked;
  expiresAt = 0;
  /** Sent in one go with session.updated. */
  early: readonly Wire[] = [];
  readonly #kind: Kind;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(kind: Kind) {
    this.#kind = kind;
  }

  attach(socket: WebSocket): void {
    this.socket = socket;
    this.send({ type: 'session.created', session: { id: 'sess_1', model: 'gpt-realtime-global-standard' } });
    socket.on('message', (data) => {
      const event = JSON.parse(String(data));
      const fault = validateClientEvent(this.#kind, event);
      if (fault) this.faults.push(`${event.type}: ${fault}`);
      this.received.push(event);
      if (event.type === 'session.update') {
        const session = { ...this.session(event.session), expires_at: this.expiresAt };
        this.send({ type: 'session.updated', session }, ...this.early);
      }
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  send(...events: readonly Wire[]): void {
    for (const event of events) this.socket.send(JSON.stringify({ event_id: 'event_1', ...event }));
  }

  /** The next events of the model, in order, after those already taken. */
  async take(...types: readonly string[]): Promise<Wire[]> {
    const taken: Wire[] = [];
    for (const type of types) {
      while (this.received.length <= this.#taken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      const event = this.received[this.#taken++]!;
      assert.equal(event.type, type, JSON.stringify(event));
      taken.push(event);
    }
    return taken;
  }

  /** Resolves when the model has read all that was sent, and what it said of it has come. */
  async settle(): Promise<void> {
    const answered = once(this.socket, 'pong');
    this.socket.ping();
    await answered;
  }

  get rest(): readonly Wire[] {
    return this.received.slice(this.#taken);
  }
}

async function open(
  t: TestContext,
  kind: Kind,
  options: Partial<VoiceModelOptions> = {},
  prepare: (service: ScriptedService) => void = () => {},
) {
  const service = new ScriptedService(kind);
  prepare(service);
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  server.on('connection', (socket) => service.attach(socket));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const dialect =
    kind === 'realtime-ga'
      ? createOpenAiDialect({ endpoint, deployment: 'gpt-realtime', transcriptionDeployment: 'gpt-4o-transcribe' })
      : createVoiceLiveDialect({ endpoint, model: 'gpt-realtime' });
  t.after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
    assert.deepEqual(service.faults, []);
  });
  const model = await openRealtimeModel(
    { dialect, access: { apiKey: 'key' }, log: silentLogger },
    { ...defaults, ...options },
  );
  t.after(() => model.close());
  const events: VoiceModelEvent[] = [];
  const closed = new Promise<Extract<VoiceModelEvent, { type: 'closed' }>>((resolve) => {
    model.listen((event) => {
      events.push(event);
      if (event.type === 'closed') resolve(event);
    });
  });
  const [update] = await service.take('session.update');
  return { model, service, events, closed, session: update!.session };
}

const names = {
  'realtime-ga': {
    audio: 'response.output_audio',
    words: 'response.output_audio_transcript',
    added: 'conversation.item.added',
  },
  'voice-live': {
    audio: 'response.audio',
    words: 'response.audio_transcript',
    added: 'conversation.item.created',
  },
};

/** The events of a spoken response up to its audio. */
const spoken = (kind: Kind, n: number, audio: readonly Buffer[], words = 'Good day.'): Wire[] => {
  const item = { id: `item_${n}`, type: 'message', role: 'assistant', status: 'in_progress', content: [] };
  const place = { response_id: `resp_${n}`, item_id: item.id, output_index: 0, content_index: 0 };
  return [
    { type: 'response.created', response: { id: `resp_${n}`, status: 'in_progress' } },
    { type: 'response.output_item.added', response_id: `resp_${n}`, output_index: 0, item },
    { type: names[kind].added, previous_item_id: null, item },
    { type: 'response.content_part.added', ...place, part: { type: 'audio', transcript: '' } },
    { type: `${names[kind].words}.delta`, ...place, delta: words, obfuscation: 'x7' },
    ...audio.map((chunk) => ({ type: `${names[kind].audio}.delta`, ...place, delta: chunk.toString('base64') })),
  ];
};
const ended = (kind: Kind, n: number, words = 'Good day.'): Wire[] => {
  const place = { response_id: `resp_${n}`, item_id: `item_${n}`, output_index: 0, content_index: 0 };
  return [
    { type: `${names[kind].audio}.done`, ...place },
    { type: `${names[kind].words}.done`, ...place, transcript: words },
    { type: 'response.output_item.done', response_id: `resp_${n}`, item: { id: `item_${n}`, type: 'message' } },
    done(n, 'completed'),
  ];
};
const done = (n: number, status: string, details: object | null = null): Wire => ({
  type: 'response.done',
  response: { id: `resp_${n}`, status, status_details: details, output: [] },
});
const cancelled = (n: number) => done(n, 'cancelled', { type: 'cancelled', reason: 'turn_detected' });
const toolCall = (n: number): Wire[] => {
  const item = { id: `item_${n}`, type: 'function_call', name: 'look_up', call_id: `call_${n}` };
  const place = { response_id: `resp_${n}`, output_index: 0 };
  return [
    { type: 'response.output_item.added', ...place, item: { ...item, status: 'in_progress', arguments: '' } },
    { type: 'response.function_call_arguments.delta', ...place, item_id: item.id, call_id: item.call_id, delta: '{}' },
    { type: 'response.output_item.done', ...place, item: { ...item, status: 'completed', arguments: '{ "a": 1}' } },
  ];
};
const speechStarted = { type: 'input_audio_buffer.speech_started', audio_start_ms: 100, item_id: 'item_c' };
const error = (code: string, eventId: string | null = null): Wire => ({
  type: 'error',
  error: { type: 'invalid_request_error', code, message: 'No.', param: null, event_id: eventId },
});

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
    assert.deepEqual(events, [{ type: 'caller-started-speaking' }]);
  });
});

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
});

describe('a tool', () => {
  it('is called, and its result answered when the response is done', async (t) => {
    for (const kind of ['realtime-ga', 'voice-live'] as const) {
      const { model, service, events } = await open(t, kind);
      service.send({ type: 'response.created', response: { id: 'resp_1' } }, ...toolCall(1));
      await service.settle();
      assert.deepEqual(events, [{ type: 'tool-call', toolCallId: 'call_1', name: 'look_up', input: '{ "a": 1}' }]);
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
    model.interrupt('resp_1', 640);
    const [truncate] = await service.take('conversation.item.truncate');
    assert.equal(truncate!.audio_end_ms, 640);
    await service.settle();
    assert.deepEqual(service.rest, []);
  });

  it('of an unknown reply does nothing', async (t) => {
    const { model, service } = await open(t, 'realtime-ga');
    model.interrupt('resp_9', 100);
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
      { type: 'caller-started-speaking' },
      { type: 'caller-stopped-speaking' },
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

  it('with the age of the session is forestalled in the next quiet moment', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { service, closed, events } = await open(t, 'realtime-ga', {}, (service) => {
      service.expiresAt = Math.floor(Date.now() / 1000) + 3600;
    });
    service.send(...spoken('realtime-ga', 1, [Buffer.alloc(800)]));
    await service.settle();
    t.mock.timers.tick(3_500_000);
    await service.settle();
    assert.equal(events.at(-1)?.type, 'audio');
    service.send(...ended('realtime-ga', 1));
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
