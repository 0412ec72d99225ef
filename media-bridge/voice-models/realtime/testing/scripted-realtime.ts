// A scripted realtime service that speaks in the recorded order, and the wire events it speaks in.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import { parseAgent } from '../../../../shared/agents/agent.ts';
import type { CallId } from '../../../../shared/call/call.ts';
import { silentLogger } from '../../../../shared/logger.ts';
import { mulaw8k } from '../../../audio/audio-format.ts';
import type { VoiceModelEvent, VoiceModelOptions } from '../../voice-model.ts';
import { createOpenAiDialect } from '../openai-dialect.ts';
import { openRealtimeModel } from '../realtime-model.ts';
import { createVoiceLiveDialect } from '../voice-live-dialect.ts';

export type Kind = 'realtime-ga' | 'voice-live';
// biome-ignore lint/suspicious/noExplicitAny: a test reads into whatever was sent.
export type Wire = { type: string } & Record<string, any>;

// Where the bridge decides, the service neither stops nor answers by itself.
export const agent = parseAgent(
  'test.md',
  '---\nname: test\nlanguage: en-GB\nphrases: [Contoso]\nturn_taking: { decided_by: model }\n---\nYou work for Contoso.',
);
export const tool = { name: 'look_up', description: 'Looks up.', parameters: { type: 'object', properties: {} } };
const defaults: VoiceModelOptions = {
  callId: 'call-1' as CallId,
  agent,
  instructions: 'You work for Contoso.',
  tools: [tool],
  history: [],
  carrierFormat: mulaw8k,
  signal: new AbortController().signal,
};

/** What is wrong with a message by the service's schema; undefined if nothing is. */
type FindFault = (kind: Kind, message: Wire) => string | undefined;

/** One session of the service: answers the handshake, and then says what the test tells it to. */
export class ScriptedService {
  readonly received: Wire[] = [];
  readonly faults: string[] = [];
  socket!: WebSocket;
  /** What session.updated says instead of an echo. */
  session: (asked: Wire) => object = (asked) => asked;
  expiresAt = 0;
  /** Sent in one go with session.updated. */
  early: readonly Wire[] = [];
  readonly #kind: Kind;
  readonly #findFault: FindFault;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(kind: Kind, findFault: FindFault) {
    this.#kind = kind;
    this.#findFault = findFault;
  }

  attach(socket: WebSocket): void {
    this.socket = socket;
    this.send({ type: 'session.created', session: { id: 'sess_1', model: 'gpt-realtime-global-standard' } });
    socket.on('message', (data) => {
      const event = JSON.parse(String(data));
      const fault = this.#findFault(this.#kind, event);
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

/** All that `openScripted` takes behind the test's context. */
export type OpenScripted = Parameters<typeof openScripted> extends [unknown, unknown, ...infer Rest] ? Rest : never;

/** Opens a model on a service of its own. Whatever the model sends must fit the services' schemas. */
export async function openScripted(
  findFault: FindFault,
  t: TestContext,
  kind: Kind,
  options: Partial<VoiceModelOptions> = {},
  prepare: (service: ScriptedService) => void = () => {},
) {
  const service = new ScriptedService(kind, findFault);
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
export const spoken = (kind: Kind, n: number, audio: readonly Buffer[], words = 'Good day.'): Wire[] => {
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
export const ended = (kind: Kind, n: number, words = 'Good day.'): Wire[] => {
  const place = { response_id: `resp_${n}`, item_id: `item_${n}`, output_index: 0, content_index: 0 };
  return [
    { type: `${names[kind].audio}.done`, ...place },
    { type: `${names[kind].words}.done`, ...place, transcript: words },
    { type: 'response.output_item.done', response_id: `resp_${n}`, item: { id: `item_${n}`, type: 'message' } },
    done(n, 'completed'),
  ];
};
export const done = (n: number, status: string, details: object | null = null): Wire => ({
  type: 'response.done',
  response: { id: `resp_${n}`, status, status_details: details, output: [] },
});
export const cancelled = (n: number) => done(n, 'cancelled', { type: 'cancelled', reason: 'turn_detected' });
export const toolCall = (n: number): Wire[] => {
  const item = { id: `item_${n}`, type: 'function_call', name: 'look_up', call_id: `call_${n}` };
  const place = { response_id: `resp_${n}`, output_index: 0 };
  return [
    { type: 'response.output_item.added', ...place, item: { ...item, status: 'in_progress', arguments: '' } },
    { type: 'response.function_call_arguments.delta', ...place, item_id: item.id, call_id: item.call_id, delta: '{}' },
    { type: 'response.output_item.done', ...place, item: { ...item, status: 'completed', arguments: '{ "a": 1}' } },
  ];
};
export const speechStarted = { type: 'input_audio_buffer.speech_started', audio_start_ms: 100, item_id: 'item_c' };
export const error = (code: string, eventId: string | null = null): Wire => ({
  type: 'error',
  error: { type: 'invalid_request_error', code, message: 'No.', param: null, event_id: eventId },
});
