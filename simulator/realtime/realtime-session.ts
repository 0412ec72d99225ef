// One session of a realtime service: takes the client's events in turn and answers each as the live service does.
import type { Brain } from '../chat/brain.ts';
import { resample } from '../voice/resample.ts';
import type { OpenEar } from '../voice/service-ear.ts';
import type { Speak } from '../voice/speech.ts';
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
import type { ResponseTiming } from './response-run.ts';
import type { Send } from './response-writer.ts';
import { SessionLog } from './session-log.ts';
import { SessionResponses } from './session-responses.ts';
import {
  createWireSession,
  findImpossibleField,
  readSettings,
  readVoice,
  type SessionSettings,
  updateWireSession,
  type WireSession,
} from './session-settings.ts';
import { isSpeechModel } from './voice-live-limits.ts';
import { OutputBuffer } from './webrtc/output-buffer.ts';
import { createWireId } from './wire-id.ts';

type Fields = Record<string, unknown>;

export interface RealtimeSessionOptions {
  readonly dialect: DialectName;
  readonly model: string;
  readonly brain: Brain;
  readonly speak: Speak;
  readonly openEar?: OpenEar | undefined;
  readonly timing: ResponseTiming;
  readonly faults: RealtimeFaults;
  readonly transcriptionModels: readonly string[];
  /** Unix seconds, as told in session.created. */
  readonly expiresAt: number;
  /** What an ephemeral key was minted for. */
  readonly minted?: Fields | undefined;
  /** Puts one message on the wire. */
  readonly send: (message: string | Buffer) => void;
  /** Cuts the connection; 1006 is without a close frame. */
  readonly kill: (code: number) => void;
  /** Of a WebRTC session: takes each frame of what the caller hears. */
  readonly play?: ((samples: Int16Array) => void) | undefined;
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
  readonly #responses: SessionResponses;
  readonly #turns: CallerTurns;
  readonly #idle: IdleNudge;
  readonly #echo: EchoReply | undefined;
  readonly #output: OutputBuffer | undefined;
  #wire: WireSession;
  #settings: SessionSettings;
  #closed = false;

  constructor(options: RealtimeSessionOptions) {
    const { dialect, model, brain, timing, faults, transcriptionModels } = options;
    this.#options = options;
    const send = createEventSender({ ...options, log: this.log });
    this.#send = (event) => {
      if (!this.#closed && !this.#output?.takes(event)) send(event);
    };
    this.dialect = dialect;
    this.model = model;
    const fresh = createWireSession(dialect, this.id, model, options.expiresAt);
    this.#wire = updateWireSession(dialect, fresh, options.minted ?? {});
    this.#settings = readSettings(dialect, this.#wire);
    this.#conversation = new Conversation(dialects[dialect]);
    this.#items = new ItemRequests({
      dialect: dialects[dialect],
      conversation: this.#conversation,
      send: this.#send,
      log: this.log,
    });
    this.#output =
      options.play &&
      new OutputBuffer({
        play: options.play,
        send: this.#send,
        truncate: (item_id, audio_end_ms) =>
          this.#items.truncate({ type: 'conversation.item.truncate', item_id, content_index: 0, audio_end_ms }),
      });
    this.#idle = new IdleNudge(() => this.#nudge());
    this.#responses = new SessionResponses({
      ...options,
      conversation: this.#conversation,
      send: this.#send,
      wire: () => this.#wire,
      started: () => this.#idle.stop(),
      completed: (spokenMs) => this.#awaitCaller(spokenMs),
    });
    if (model === 'echo') this.#echo = new EchoReply(() => this.#responses.createFrame());
    this.#turns = new CallerTurns({
      dialect: dialects[dialect],
      cascade: !isSpeechModel(model),
      conversation: this.#conversation,
      brain,
      ear: options.openEar?.(),
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

  /** What a page says by WebRTC. */
  hear(samples: Int16Array, sampleRate: number): void {
    if (this.#closed) return;
    const { inputFormat } = this.#settings;
    const heard = resample(samples, sampleRate, inputFormat.sampleRate);
    this.log.addAudio(heard, inputFormat);
    if (this.#echo) this.#echo.push(heard, inputFormat);
    else this.#turns.append(heard);
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
    this.#output?.close();
    this.#responses.abandon();
    this.#turns.close();
    this.#idle.stop();
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
        return this.#responses.create(event);
      case 'response.cancel':
        return this.#responses.cancel(event);
      default:
        // output_audio_buffer.clear is for WebRTC and avatars: there is nothing to clear on a WebSocket.
        this.#output?.clear();
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
    if (this.#responses.hasSpoken && JSON.stringify(readVoice(next)) !== JSON.stringify(readVoice(this.#wire))) {
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
    if (this.#output) return { code: 'invalid_event', message: 'The sound of this session is WebRTC.', param: null };
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

  #awaitCaller(spokenMs: number): void {
    const timeoutMs = this.#settings.turnDetection?.idleTimeoutMs;
    if (timeoutMs) this.#idle.start(spokenMs + timeoutMs);
  }

  #callerStarted(): void {
    this.#idle.stop();
    if (!this.#settings.turnDetection?.interruptsResponse) return;
    this.#responses.interrupt();
    this.#output?.clear();
  }

  #turnCommitted(detected: boolean): void {
    if (detected && this.#settings.turnDetection?.createsResponse && !this.#responses.isActive)
      this.#responses.answer();
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
    this.#responses.say({ kind: 'say', text: nudge });
  }

  #addOwn(item: WireItem): void {
    const { previousId } = this.#conversation.append(item);
    this.#send({ type: dialects[this.dialect].itemAdded, previous_item_id: previousId, item });
    this.#send({ type: 'conversation.item.done', previous_item_id: previousId, item });
  }
}
