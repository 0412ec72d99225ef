// A voice model that hears and speaks itself: Azure OpenAI Realtime, or Azure Voice Live, which speaks a dialect of it.
import type { VoiceModelKind } from '../../../shared/call/call.ts';
import { AppError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/logger.ts';
import { formatServiceWord } from '../../../shared/service-word.ts';
import type { AudioFormat } from '../../audio/audio-format.ts';
import type { ReplyRequest, VoiceModel, VoiceModelEvent, VoiceModelOptions } from '../voice-model.ts';
import type { ConnectionBudget } from './connection-budget.ts';
import { formatPastItems } from './past-items.ts';
import type { RealtimeDialect } from './realtime-dialect.ts';
import { type NegotiatedSession, negotiateSession } from './realtime-handshake.ts';
import { type RealtimeAccess, RealtimeLink } from './realtime-link.ts';
import {
  formatCallerText,
  formatItemDelete,
  formatItemTruncate,
  formatResponseCancel,
  formatResponseCreate,
  formatToolOutput,
  parseRealtimeEvent,
  type RealtimeEvent,
} from './realtime-messages.ts';
import { ReplyFailures } from './reply-failures.ts';
import { type GateInput, idleGate, stepGate } from './response-gate.ts';
import { SessionRollover } from './session-rollover.ts';
import { SpokenItems } from './spoken-items.ts';

export interface RealtimeModelDependencies {
  readonly dialect: RealtimeDialect;
  readonly access: Omit<RealtimeAccess, 'url' | 'service'>;
  /** Shared by all that connect with this resource, where it counts its connections. */
  readonly budget?: ConnectionBudget;
  readonly log: Logger;
}

/** Interruptions and late audio concern the last reply or two. */
const maxRememberedReplies = 16;
/** A service transcribes a turn while the next one is spoken at most. */
const maxOpenTranscripts = 16;
/** Until somebody listens; a service is quiet before it hears something. */
const maxEarlyEvents = 256;
/** The first of a kind of trouble is logged, and then one in so many. */
const logEvery = 100;
/** The consequences of two sides speaking at once. */
const harmlessErrors: ReadonlySet<string> = new Set([
  'conversation_already_has_active_response',
  'response_cancel_not_active',
  'item_delete_invalid_item_id',
  'item_truncate_invalid_item_id',
  'unsupported_content_type',
]);

const filtered =
  'What the caller said last must not be discussed. Say in one short sentence that you cannot help with that, and offer other help.';

interface Reply {
  readonly id: string;
  readonly items: SpokenItems;
  hasStarted: boolean;
  isDone: boolean;
  /** The rest of it is not wanted. */
  isCut: boolean;
  /** The caller began to speak over it: the service stops it without being told. */
  isStoppedByService: boolean;
}

/** Resolves when the service has accepted the session and been told what was said before. */
export async function openRealtimeModel(
  { dialect, access, budget, log }: RealtimeModelDependencies,
  options: VoiceModelOptions,
): Promise<RealtimeModel> {
  const { url, service } = dialect;
  await budget?.take(options.signal);
  const link = await RealtimeLink.open({ access: { ...access, url, service }, signal: options.signal, log });
  try {
    return new RealtimeModel(dialect, options, link, await negotiateSession(link, dialect, options), log);
  } catch (error) {
    link.listen(undefined);
    link.close();
    throw error;
  }
}

export class RealtimeModel implements VoiceModel {
  readonly kind: VoiceModelKind;
  readonly inputFormat: AudioFormat;
  readonly outputFormat: AudioFormat;
  readonly #dialect: RealtimeDialect;
  readonly #options: VoiceModelOptions;
  readonly #link: RealtimeLink;
  readonly #log: Logger;
  readonly #replies = new Map<string, Reply>();
  readonly #failures: ReplyFailures;
  readonly #callerWords = new Map<string, string>();
  readonly #early: VoiceModelEvent[] = [];
  #listener: ((event: VoiceModelEvent) => void) | undefined;
  #gate = idleGate;
  #items = 0;
  #asks = 0;
  #unread = 0;
  readonly #rollover: SessionRollover;
  readonly #onAbort = () => this.close();

  constructor(
    dialect: RealtimeDialect,
    options: VoiceModelOptions,
    link: RealtimeLink,
    { formats, expiresAtMs }: NegotiatedSession,
    log: Logger,
  ) {
    this.kind = dialect.kind;
    this.inputFormat = formats.input;
    this.outputFormat = formats.output;
    this.#dialect = dialect;
    this.#options = options;
    this.#link = link;
    this.#log = log;
    this.#failures = new ReplyFailures({ service: dialect.service, log });
    options.signal.addEventListener('abort', this.#onAbort, { once: true });
    for (const item of formatPastItems(options.history, dialect.agentTextType)) link.send(item);
    this.#rollover = new SessionRollover({
      expiresAtMs,
      isQuiet: () => this.#isQuiet,
      onDue: () => link.fail(new AppError('MODEL_SESSION_EXPIRED', { service: dialect.service })),
    });
    link.listen({
      onMessage: (text) => this.#receive(parseRealtimeEvent(text)),
      onClose: (error) => this.#finish(error),
    });
  }

  listen(listener: (event: VoiceModelEvent) => void): void {
    this.#listener = listener;
    for (const event of this.#early.splice(0)) listener(event);
  }

  sendAudio(audio: Buffer): void {
    this.#link.sendAudio(audio);
  }

  requestReply(request: ReplyRequest): void {
    this.#step({ type: 'ask', request });
  }

  askAgain(request: ReplyRequest): void {
    this.#step({ type: 'ask-again', request });
  }

  sendText(text: string): void {
    const itemId = this.#nextItemId();
    this.#link.send(formatCallerText(itemId, text));
    this.#step({ type: 'item-sent', itemId });
  }

  sendToolResult(toolCallId: string, output: string, { wantsReply } = { wantsReply: true }): void {
    const itemId = this.#nextItemId();
    this.#link.send(formatToolOutput(itemId, toolCallId, output));
    if (wantsReply) this.#step({ type: 'item-sent', itemId });
    this.#step({ type: 'tool-answered', toolCallId });
  }

  interrupt(replyId: string, heardMs: number): string {
    const reply = this.#replies.get(replyId);
    if (!reply || reply.isCut) return '';
    reply.isCut = true;
    if (!reply.isDone && !reply.isStoppedByService) this.#link.send(formatResponseCancel(replyId));
    for (const cut of reply.items.cutAt(heardMs)) {
      if (cut.type === 'delete') this.#link.send(formatItemDelete(cut.itemId));
      else this.#link.send(formatItemTruncate(cut.itemId, cut.contentIndex, cut.audioEndMs));
    }
    return reply.items.wordsHeard(heardMs);
  }

  close(): void {
    this.#link.close();
  }

  #receive(event: RealtimeEvent): void {
    switch (event.type) {
      case 'speech-started': {
        const active = this.#replies.get(this.#gate.responseId ?? '');
        if (active) active.isStoppedByService = true;
        this.#step(event);
        this.#emit({ type: 'caller-started-speaking' });
        return;
      }
      case 'speech-stopped':
        this.#emit({ type: 'caller-stopped-speaking' });
        this.#step(event);
        return;
      case 'item-added':
        this.#step(event);
        return;
      case 'caller-words':
        this.#onCallerWords(event.itemId, event.delta);
        return;
      case 'caller-transcribed':
        this.#callerWords.delete(event.itemId);
        if (event.text.trim() === '') return;
        this.#emitTranscript('caller', event.itemId, event.text.trim(), true);
        return;
      case 'transcription-failed':
        this.#log.warn({ code: event.code }, 'a turn of the caller could not be transcribed');
        return;
      case 'response-created':
        this.#addReply(event.responseId);
        this.#step(event);
        return;
      case 'message-started':
      case 'words':
      case 'words-finished':
      case 'audio':
        this.#onSpeech(event);
        return;
      case 'tool-called': {
        const { responseId, toolCallId, name, input } = event;
        const reply = this.#replies.get(responseId);
        const replyId = reply?.hasStarted ? reply.id : undefined;
        this.#step({ type: 'tool-called', toolCallId });
        this.#emit({ type: 'tool-call', toolCallId, name, input, replyId });
        return;
      }
      case 'response-done':
        this.#onResponseDone(event);
        return;
      case 'error':
        this.#onError(event);
        return;
      case 'session-created':
      case 'session-updated':
      case 'routine':
        return;
      case 'unknown':
      case 'malformed':
        this.#countUnread(event);
        return;
      default:
        event satisfies never;
    }
  }

  #onCallerWords(itemId: string, delta: string): void {
    const text = (this.#callerWords.get(itemId) ?? '') + delta;
    this.#callerWords.set(itemId, text);
    if (this.#callerWords.size > maxOpenTranscripts) deleteOldest(this.#callerWords);
    if (text.trim() !== '') this.#emitTranscript('caller', itemId, text.trim(), false);
  }

  #onSpeech(event: Extract<RealtimeEvent, { type: 'message-started' | 'words' | 'words-finished' | 'audio' }>): void {
    const reply = this.#replies.get(event.responseId);
    // Late pieces of what was cut keep coming for a while.
    if (!reply || reply.isCut || reply.isDone) return;
    if (!reply.hasStarted) {
      reply.hasStarted = true;
      this.#emit({ type: 'reply-started', replyId: reply.id });
    }
    const { items } = reply;
    switch (event.type) {
      case 'message-started':
        items.begin(event.itemId);
        return;
      case 'words':
        items.addText(event.itemId, event.delta);
        this.#emitTranscript('agent', reply.id, items.text, false);
        return;
      case 'words-finished':
        items.setText(event.itemId, event.text);
        return;
      case 'audio':
        items.addAudio(event.itemId, event.contentIndex, event.audio.length);
        this.#emit({ type: 'audio', replyId: reply.id, audio: event.audio });
        return;
      default:
        event satisfies never;
    }
  }

  #onResponseDone({ responseId, status, code }: Extract<RealtimeEvent, { type: 'response-done' }>): void {
    const reply = this.#replies.get(responseId);
    const hasStarted = reply?.hasStarted ?? false;
    if (reply && !reply.isDone) {
      reply.isDone = true;
      reply.items.complete();
      const { id, items } = reply;
      if (!reply.isCut && items.text !== '') this.#emitTranscript('agent', id, items.text, true);
      if (hasStarted) {
        const outcome = status === 'cancelled' ? 'interrupted' : status === 'failed' ? 'failed' : 'completed';
        this.#emit({ type: 'reply-finished', replyId: id, outcome });
      }
    }
    if (status === 'completed') this.#failures.forget();
    if (status === 'incomplete') this.#log.warn({ code }, 'a reply was left incomplete');
    if (status === 'incomplete' && code === 'content_filter' && !hasStarted) {
      // Also a refusal may be filtered, and the next one.
      this.#countFailure(code);
      this.#step({ type: 'ask', request: { instructions: filtered } });
    }
    const retry = status === 'failed' && !reply?.isCut;
    if (retry) this.#countFailure(code ?? 'none');
    this.#step({ type: 'response-done', responseId, retry });
    this.#rollover.check();
  }

  #onError({ code, message, eventId }: Extract<RealtimeEvent, { type: 'error' }>): void {
    if (code === 'session_expired') {
      this.#link.fail(new AppError('MODEL_SESSION_EXPIRED', { service: this.#dialect.service }));
      return;
    }
    if (harmlessErrors.has(code)) this.#log.debug({ code }, 'the service refused what had become pointless');
    else this.#log.warn({ code, pii: { message } }, 'the service reports an error');
    const isAboutAsk = eventId !== undefined && eventId === this.#askId;
    if (code === 'conversation_already_has_active_response' && (isAboutAsk || eventId === undefined)) {
      this.#step({ type: 'refused' });
    } else if (isAboutAsk) {
      this.#countFailure(code);
      this.#step({ type: 'failed' });
    }
  }

  /** Dead air is worse than another model. */
  #countFailure(code: string): void {
    const end = this.#failures.count(code);
    if (end) this.#link.fail(end);
  }

  #countUnread(event: Extract<RealtimeEvent, { type: 'unknown' | 'malformed' }>): void {
    this.#unread += 1;
    if (this.#unread !== 1 && this.#unread % logEvery !== 0) return;
    const name = event.type === 'unknown' ? formatServiceWord(event.name) : event.type;
    this.#log.warn({ name, count: this.#unread }, 'events of the service were not understood');
  }

  #addReply(id: string): void {
    const items = new SpokenItems(this.outputFormat);
    const flags = { hasStarted: false, isDone: false, isCut: false, isStoppedByService: false };
    this.#replies.set(id, { id, items, ...flags });
    if (this.#replies.size > maxRememberedReplies) deleteOldest(this.#replies);
  }

  #step(input: GateInput): void {
    const { state, actions } = stepGate(this.#gate, input);
    this.#gate = state;
    for (const action of actions) {
      switch (action.type) {
        case 'create': {
          const { request } = action;
          this.#asks += 1;
          const response = 'answer' in request ? undefined : this.#dialect.createResponse(request, this.#options);
          this.#link.send(formatResponseCreate(this.#askId, response));
          break;
        }
        case 'cancel': {
          const reply = this.#replies.get(action.responseId);
          if (reply) reply.isCut = true;
          this.#link.send(formatResponseCancel(action.responseId));
          break;
        }
        default:
          action satisfies never;
      }
    }
  }

  get #askId(): string {
    return `ask_${this.#asks}`;
  }

  #nextItemId(): string {
    this.#items += 1;
    return `own_${this.#items}`;
  }

  get #isQuiet(): boolean {
    const { phase, callerSpeaks, owesAnswer, openToolCalls } = this.#gate;
    return phase === 'idle' && !callerSpeaks && !owesAnswer && openToolCalls.length === 0;
  }

  #finish(error: AppError | undefined): void {
    this.#rollover.close();
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#emit({ type: 'closed', error });
  }

  #emitTranscript(role: 'caller' | 'agent', turnId: string, text: string, final: boolean): void {
    this.#emit({ type: 'transcript', role, turnId, text, final });
  }

  #emit(event: VoiceModelEvent): void {
    if (this.#listener) this.#listener(event);
    else if (this.#early.length < maxEarlyEvents || event.type === 'closed') this.#early.push(event);
  }
}

function deleteOldest(map: Map<string, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}
