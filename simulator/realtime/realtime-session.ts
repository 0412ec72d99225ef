// One session of a realtime service: takes the client's events in turn and answers each as the live service does.
import type { Brain, BrainAnswer } from '../chat/brain.ts';
import type { Speak } from '../voice/speech.ts';
import { decideAnswer } from './answer.ts';
import { decodeWireAudio } from './audio-wire.ts';
import { CallerTurns } from './caller-turns.ts';
import { type ClientEvent, checkClientEvent, type WireError } from './client-event-check.ts';
import { Conversation, type Refusal, type WireItem } from './conversation.ts';
import { type DialectName, dialects } from './dialect.ts';
import { EchoReply } from './echo-reply.ts';
import { createEventSender } from './event-sender.ts';
import { IdleNudge } from './idle-nudge.ts';
import { ItemRequests } from './item-requests.ts';
import type { RealtimeFaults } from './realtime-faults.ts';
import { ResponseRun, type ResponseTiming } from './response-run.ts';
import type { ResponseFrame, ResponseStatus, Send } from './response-writer.ts';
import { SessionLog } from './session-log.ts';
import {
  createWireSession,
  describeOutput,
  findImpossibleField,
  isSpeechModel,
  pickOutput,
  readSettings,
  readToolNames,
  readVoice,
  type SessionSettings,
  updateWireSession,
  type WireSession,
} from './session-settings.ts';
import { createWireId } from './wire-id.ts';

type Fields = Record<string, unknown>;

export interface RealtimeSessionOptions {
  readonly dialect: DialectName;
  readonly model: string;
  readonly brain: Brain;
  readonly speak: Speak;
  readonly timing: ResponseTiming;
  readonly faults: RealtimeFaults;
  readonly transcriptionModels: readonly string[];
  /** Unix seconds, as told in session.created. */
  readonly expiresAt: number;
  /** Puts one message on the wire. */
  readonly send: (message: string | Buffer) => void;
  /** Cuts the connection; 1006 is without a close frame. */
  readonly kill: (code: number) => void;
}

/** What the service says when nobody has spoken for a while. */
const nudge = 'Are you still there?';

export class RealtimeSession {
  readonly id = createWireId('sess');
  readonly dialect: DialectName;
  readonly model: string;
  readonly log = new SessionLog();
  readonly #options: RealtimeSessionOptions;
  readonly #send: Send;
  readonly #conversation: Conversation;
  readonly #items: ItemRequests;
  readonly #turns: CallerTurns;
  readonly #idle: IdleNudge;
  readonly #echo: EchoReply | undefined;
  #wire: WireSession;
  #settings: SessionSettings;
  /** The one response of the conversation; those out of band run beside it. */
  #active: ResponseRun | undefined;
  readonly #runs = new Set<ResponseRun>();
  #hasSpoken = false;
  #closed = false;

  constructor(options: RealtimeSessionOptions) {
    const { dialect, model, brain, timing, faults, transcriptionModels } = options;
    this.#options = options;
    const send = createEventSender({ ...options, log: this.log });
    this.#send = (event) => {
      if (!this.#closed) send(event);
    };
    this.dialect = dialect;
    this.model = model;
    this.#wire = createWireSession(dialect, this.id, model, options.expiresAt);
    this.#settings = readSettings(dialect, this.#wire);
    this.#conversation = new Conversation(dialects[dialect]);
    this.#items = new ItemRequests({
      dialect: dialects[dialect],
      conversation: this.#conversation,
      send: this.#send,
      log: this.log,
    });
    this.#idle = new IdleNudge(() => this.#nudge());
    if (model === 'echo') this.#echo = new EchoReply(() => this.#createFrame({}));
    this.#turns = new CallerTurns({
      dialect: dialects[dialect],
      cascade: this.#cascade,
      conversation: this.#conversation,
      brain,
      settings: this.#settings,
      send: this.#send,
      log: this.log,
      faults,
      transcriptionModels,
      transcriptionMs: timing.transcriptionMs,
      started: () => this.#callerStarted(),
      committed: ({ detected }) => this.#turnCommitted(detected),
    });
  }

  /** As the service would describe it now. */
  get wireSession(): WireSession {
    return this.#wire;
  }

  get items(): readonly WireItem[] {
    return this.#conversation.items;
  }

  start(): void {
    this.#send({ type: 'session.created', session: this.#wire });
  }

  /** One text message of the client. Never throws. */
  receive(text: string): void {
    const check = checkClientEvent(this.dialect, text);
    if ('error' in check) {
      this.log.add('client', { type: '(refused)', text: text.slice(0, 2000) });
      this.#send({ type: 'error', error: check.error });
      return;
    }
    this.log.add('client', check.event);
    const refusal = this.#take(check.event);
    if (refusal) this.#refuse(refusal, check.event);
  }

  /** Tells the client why, then it is for the owner to close the connection. */
  expire(message: string): void {
    this.#refuse({ code: 'session_expired', message, param: null }, undefined);
  }

  /** A server_error from outside of any turn. */
  sendError(code: string, message: string): void {
    this.#send({ type: 'error', error: { type: 'server_error', code, message, param: null, event_id: null } });
  }

  /** Any event, for tests of what nobody expects. */
  sendEvent(event: { type: string } & Fields): void {
    this.#send(event);
  }

  close(): void {
    this.#closed = true;
    for (const run of this.#runs) run.abandon();
    this.#turns.close();
    this.#idle.stop();
  }

  /** Whether the model's voice was heard, so that it is fixed. */
  get hasSpoken(): boolean {
    return this.#hasSpoken || (this.#active?.writer.spokenMs ?? 0) > 0;
  }

  get #cascade(): boolean {
    return !isSpeechModel(this.model);
  }

  #refuse({ code, message, param }: Refusal, event: ClientEvent | undefined): void {
    const error: WireError = { type: 'invalid_request_error', code, message, param, event_id: event?.event_id ?? null };
    this.#send({ type: 'error', error });
  }

  #take(event: ClientEvent): Refusal | undefined {
    switch (event.type) {
      case 'session.update':
        return this.#update(event);
      case 'input_audio_buffer.append':
        return this.#append(event);
      case 'input_audio_buffer.commit':
        return this.#commit();
      case 'input_audio_buffer.clear':
        this.#turns.clear();
        this.#send({ type: 'input_audio_buffer.cleared' });
        return undefined;
      case 'conversation.item.create':
        return this.#items.create(event);
      case 'conversation.item.delete':
        return this.#items.delete(event);
      case 'conversation.item.retrieve':
        return this.#items.retrieve(event);
      case 'conversation.item.truncate':
        return this.#items.truncate(event);
      case 'response.create':
        return this.#createResponse(event);
      case 'response.cancel':
        return this.#cancelResponse(event);
      default:
        // output_audio_buffer.clear is for WebRTC and avatars: there is nothing to clear on a WebSocket.
        return undefined;
    }
  }

  #update(event: ClientEvent): Refusal | undefined {
    const update = event.session as Fields;
    const impossible = findImpossibleField(this.dialect, this.model, update);
    if (impossible) {
      const message = `The model ${this.model} does not support this value of '${impossible}'.`;
      return { code: 'invalid_value', message, param: `session.${impossible}` };
    }
    const next = updateWireSession(this.dialect, this.#wire, update);
    if (this.hasSpoken && JSON.stringify(readVoice(next)) !== JSON.stringify(readVoice(this.#wire))) {
      const message = 'Cannot update a conversation’s voice if assistant audio is present.';
      return { code: 'cannot_update_voice', message, param: null };
    }
    if (this.#options.faults.keepPcm && this.dialect === 'realtime-ga') {
      const pcm = { type: 'audio/pcm', rate: 24000 };
      const { input, output } = next.audio as { input: Fields; output: Fields };
      next.audio = { input, output: { ...output, format: pcm } };
    }
    this.#wire = next;
    this.#settings = readSettings(this.dialect, next);
    this.#turns.configure(this.#settings);
    this.#send({ type: 'session.updated', session: next });
    return undefined;
  }

  #append(event: ClientEvent): Refusal | undefined {
    const samples = decodeWireAudio(String(event.audio), this.#settings.inputFormat);
    if (!samples) {
      const message = "Invalid 'audio'. Expected base64-encoded audio bytes of whole samples.";
      return { code: 'invalid_value', message, param: 'audio' };
    }
    this.log.addAudio(samples, this.#settings.inputFormat);
    if (this.#echo) this.#echo.push(samples, this.#settings.inputFormat);
    else this.#turns.append(samples);
    return undefined;
  }

  #commit(): Refusal | undefined {
    const ms = this.#turns.bufferedMs;
    if (this.#turns.commit()) return undefined;
    const message =
      'Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, ' +
      `but buffer only has ${ms.toFixed(2)}ms of audio.`;
    return { code: 'input_audio_buffer_commit_empty', message, param: null };
  }

  #createResponse(event: ClientEvent): Refusal | undefined {
    const response = (event.response ?? {}) as Fields;
    const outOfBand = response.conversation === 'none';
    if (response.cancel_previous) this.#active?.cancel('client_cancelled');
    if (this.#active && !outOfBand) {
      const code = 'conversation_already_has_active_response';
      const message =
        `Conversation already has an active response in progress: ${this.#active.id}. ` +
        'Wait until the response is finished before creating a new one.';
      return { code, message, param: null };
    }
    for (const item of (response.append_input_items ?? []) as Fields[]) {
      const added = this.#conversation.create(item, undefined);
      if ('code' in added) return added;
    }
    this.#respond(this.#answer(response), response);
    return undefined;
  }

  #cancelResponse(event: ClientEvent): Refusal | undefined {
    const run = event.response_id ? [...this.#runs].find(({ id }) => id === event.response_id) : this.#active;
    if (run) {
      run.cancel('client_cancelled');
      return undefined;
    }
    const message = 'Cancellation failed: no active response found';
    return { code: 'response_cancel_not_active', message, param: null };
  }

  #answer(response: Fields): BrainAnswer {
    const toolNames = readToolNames({ ...this.#wire, ...response });
    return decideAnswer(this.#options.brain, this.#conversation, toolNames, response);
  }

  #createFrame(response: Fields): ResponseFrame {
    // A response may have an output of its own, over that of the session.
    const wire = updateWireSession(this.dialect, this.#wire, pickOutput(response));
    const { textOnly, outputFormat } = readSettings(this.dialect, wire);
    const modalities = (response.output_modalities ?? response.modalities) as string[] | undefined;
    return {
      dialect: dialects[this.dialect],
      send: this.#send,
      conversation: response.conversation === 'none' ? undefined : this.#conversation,
      format: outputFormat,
      textOnly: modalities ? !modalities.includes('audio') : textOnly,
      wire: describeOutput(this.dialect, wire, modalities),
      metadata: response.metadata,
      cascade: this.#cascade,
    };
  }

  #respond(answer: BrainAnswer, response: Fields): void {
    const { speak, timing, faults } = this.#options;
    const frame = this.#createFrame(response);
    const run = new ResponseRun({
      frame,
      answer,
      speak,
      timing,
      faults,
      ended: (...end) => this.#responseEnded(...end),
    });
    this.#runs.add(run);
    if (frame.conversation) this.#active = run;
    this.#idle.stop();
    run.start();
  }

  #responseEnded(run: ResponseRun, status: ResponseStatus): void {
    this.#runs.delete(run);
    if (run.writer.spokenMs > 0) this.#hasSpoken = true;
    if (run !== this.#active) return;
    this.#active = undefined;
    const timeoutMs = this.#settings.turnDetection?.idleTimeoutMs;
    if (status === 'completed' && timeoutMs) this.#idle.start(run.writer.spokenMs + timeoutMs);
  }

  #callerStarted(): void {
    this.#idle.stop();
    if (this.#settings.turnDetection?.interruptsResponse) this.#active?.cancel('turn_detected');
  }

  #turnCommitted(detected: boolean): void {
    if (!detected || !this.#settings.turnDetection?.createsResponse || this.#active) return;
    this.#respond(this.#answer({}), {});
  }

  /** As recorded: the service adds a system message of its own and an empty turn of the caller, and then speaks. */
  #nudge(): void {
    const itemId = createWireId('item');
    const endMs = this.#turns.receivedMs;
    const startMs = Math.max(0, endMs - (this.#settings.turnDetection?.idleTimeoutMs ?? 0));
    const span = { audio_start_ms: startMs, audio_end_ms: endMs };
    this.#send({ type: 'input_audio_buffer.timeout_triggered', ...span, item_id: itemId });
    const hint = [{ type: 'input_text', text: 'The caller has been silent.' }];
    this.#addOwn({ id: createWireId('item'), type: 'message', status: 'completed', role: 'system', content: hint });
    const previousId = this.#conversation.lastId;
    this.#send({ type: 'input_audio_buffer.committed', previous_item_id: previousId, item_id: itemId });
    const nothing = [{ type: 'input_audio', transcript: '' }];
    this.#addOwn({ id: itemId, type: 'message', status: 'completed', role: 'user', content: nothing });
    this.#respond({ kind: 'say', text: nudge }, {});
  }

  #addOwn(item: WireItem): void {
    const { previousId } = this.#conversation.append(item);
    this.#send({ type: dialects[this.dialect].itemAdded, previous_item_id: previousId, item });
    this.#send({ type: 'conversation.item.done', previous_item_id: previousId, item });
  }
}
