// A voice model that hears and speaks itself: Azure OpenAI Realtime, or Azure Voice Live, which speaks a dialect of it.
import type { VoiceModelKind } from '../../../shared/call/call.ts';
import { AppError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/logger.ts';
import type { AudioFormat } from '../../audio/audio-format.ts';
import type { ReplyRequest, VoiceModel, VoiceModelEvent, VoiceModelOptions } from '../voice-model.ts';
import { CallerWords } from './caller-words.ts';
import type { ConnectionBudget } from './connection-budget.ts';
import { HeldEvents } from './held-events.ts';
import { createItemIds } from './own-item-ids.ts';
import { formatPastItems } from './past-items.ts';
import { RealtimeDeltaReader } from './realtime-delta-reader.ts';
import type { RealtimeDialect } from './realtime-dialect.ts';
import { type NegotiatedSession, negotiateSession } from './realtime-handshake.ts';
import { type RealtimeAccess, RealtimeLink } from './realtime-link.ts';
import {
  formatCallerText,
  formatItemDelete,
  formatItemTruncate,
  formatPlayoutClear,
  formatResponseCancel,
  formatResponseCreate,
  formatToolOutput,
  parseRealtimeEvent,
  type RealtimeEvent,
} from './realtime-messages.ts';
import { RememberedReplies } from './remembered-replies.ts';
import { isHarmless, ReplyFailures } from './reply-failures.ts';
import { type GateInput, idleGate, isGateQuiet, stepGate } from './response-gate.ts';
import { ServicePlayout } from './service-playout.ts';
import { SessionRollover } from './session-rollover.ts';
import { UnreadEvents } from './unread-events.ts';
import { UnwantedTurns } from './unwanted-turns.ts';

export interface RealtimeModelDependencies {
  readonly dialect: RealtimeDialect;
  readonly access: Omit<RealtimeAccess, 'url' | 'service'>;
  /** Shared by all that connect with this resource, where it counts its connections. */
  readonly budget?: ConnectionBudget;
  /** The session is over, or not ours to hold any more. */
  readonly onOver?: () => void;
  readonly log: Logger;
}

const filtered =
  'What the caller said last must not be discussed. Say in one short sentence that you cannot help with that, and offer other help.';

/** Resolves when the service has accepted the session and been told what was said before. */
export async function openRealtimeModel(
  { dialect, access, budget, onOver, log }: RealtimeModelDependencies,
  options: VoiceModelOptions,
): Promise<RealtimeModel> {
  const { url, service } = dialect;
  await budget?.take(options.signal);
  const link = await RealtimeLink.open({ access: { ...access, url, service }, signal: options.signal, log });
  try {
    return new RealtimeModel(dialect, options, link, await negotiateSession(link, dialect, options), log, onOver);
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
  readonly #onOver: (() => void) | undefined;
  readonly #replies: RememberedReplies;
  readonly #failures: ReplyFailures;
  readonly #playout: ServicePlayout | undefined;
  readonly #callerWords = new CallerWords();
  /** Whose turn it is. */
  readonly #serviceDecides: boolean;
  readonly #unwanted = new UnwantedTurns();
  readonly #events = new HeldEvents();
  #gate = idleGate;
  readonly #nextItemId: () => string;
  #asks = 0;
  readonly #unread: UnreadEvents;
  readonly #rollover: SessionRollover;
  readonly #onAbort = () => this.close();

  constructor(
    dialect: RealtimeDialect,
    options: VoiceModelOptions,
    link: RealtimeLink,
    { formats, expiresAtMs }: NegotiatedSession,
    log: Logger,
    onOver?: () => void,
  ) {
    this.kind = dialect.kind;
    this.inputFormat = formats.input;
    this.outputFormat = formats.output;
    this.#dialect = dialect;
    this.#options = options;
    this.#nextItemId = createItemIds(dialect.isSideband === true);
    this.#serviceDecides = options.agent.turn_taking.decided_by === 'model';
    this.#link = link;
    this.#log = log;
    this.#onOver = onOver;
    if (dialect.isSideband) this.#playout = new ServicePlayout((event) => this.#events.emit(event));
    this.#replies = new RememberedReplies(this.outputFormat);
    this.#failures = new ReplyFailures({ service: dialect.service, log });
    this.#unread = new UnreadEvents(log);
    options.signal.addEventListener('abort', this.#onAbort, { once: true });
    const past = dialect.isSideband ? [] : options.history;
    for (const item of formatPastItems(past, dialect.agentTextType)) link.send(item);
    this.#rollover = new SessionRollover({
      expiresAtMs,
      isQuiet: () => isGateQuiet(this.#gate),
      onDue: () => link.fail(new AppError('MODEL_SESSION_EXPIRED', { service: dialect.service })),
    });
    const reader = new RealtimeDeltaReader();
    link.listen({
      readAudio: (bytes, start, end) => {
        const event = reader.read(bytes, start, end);
        if (event) this.#onSpeech(event);
        return event !== undefined;
      },
      onMessage: (text) => this.#receive(parseRealtimeEvent(text)),
      onClose: (error) => this.#finish(error),
    });
  }

  listen(listener: (event: VoiceModelEvent) => void): void {
    this.#events.listen(listener);
  }

  get isDirect(): boolean {
    return this.#playout !== undefined;
  }

  sendAudio(audio: Buffer): void {
    if (!this.#playout) this.#link.sendAudio(audio);
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
    const reply = this.#replies.find(replyId);
    if (!reply || reply.isCut) return '';
    reply.isCut = true;
    if (!reply.isDone && !reply.isStoppedByService) this.#link.send(formatResponseCancel(replyId));
    if (this.#playout) {
      // What the caller's voice cuts, the service cuts, and knows itself how much was heard.
      if (!reply.isStoppedByService) this.#link.send(formatPlayoutClear());
      return this.#playout.cut(replyId, heardMs);
    }
    for (const cut of reply.items.cutAt(heardMs)) {
      if (cut.type === 'delete') this.#link.send(formatItemDelete(cut.itemId));
      else this.#link.send(formatItemTruncate(cut.itemId, cut.contentIndex, cut.audioEndMs));
    }
    return reply.items.wordsHeard(heardMs);
  }

  takeWord(): void {
    const unbegun = this.#replies.cutUnbegun(this.#gate.responseId);
    if (unbegun !== undefined) this.#link.send(formatResponseCancel(unbegun));
    this.#step({ type: 'word-taken' });
  }

  answerTurn(): void {
    this.#step({ type: 'turn-over' });
  }

  dropTurns(turnIds: readonly string[]): void {
    for (const itemId of this.#unwanted.drop(turnIds)) this.#link.send(formatItemDelete(itemId));
    this.#step({ type: 'turn-dropped' });
  }

  close(): void {
    this.#link.close();
  }

  #receive(event: RealtimeEvent): void {
    switch (event.type) {
      case 'speech-started':
        if (this.#serviceDecides) this.#stopForCaller();
        this.#emit({ type: 'caller-started-speaking', turnId: event.itemId });
        return;
      case 'speech-stopped':
        this.#emit({ type: 'caller-stopped-speaking', turnId: event.itemId });
        if (this.#serviceDecides) this.#step({ type: 'speech-stopped' });
        return;
      case 'item-added':
        this.#step(event);
        if (this.#unwanted.add(event.itemId)) this.#link.send(formatItemDelete(event.itemId));
        return;
      case 'caller-words':
      case 'caller-transcribed': {
        const final = event.type === 'caller-transcribed';
        const text = final ? this.#callerWords.finish(event.itemId, event.text) : this.#callerWords.add(event);
        // Where we decide, it matters that there were no words.
        if (text !== '' || (final && !this.#serviceDecides)) this.#emitTranscript('caller', event.itemId, text, final);
        return;
      }
      case 'transcription-failed':
        this.#log.warn({ code: event.code }, 'a turn of the caller could not be transcribed');
        return;
      case 'response-created':
        this.#replies.add(event.responseId);
        this.#step(event);
        return;
      case 'message-started':
        // Who joins a session may come between the beginning of a response and its first word.
        if (this.#playout && !this.#replies.find(event.responseId))
          this.#receive({ ...event, type: 'response-created' });
        this.#onSpeech(event);
        return;
      case 'words':
      case 'words-finished':
      case 'audio':
        this.#onSpeech(event);
        return;
      case 'tool-called': {
        const { responseId, toolCallId, name, input } = event;
        const reply = this.#replies.find(responseId);
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
      case 'playout':
        this.#playout?.tell(event);
        return;
      case 'session-created':
      case 'session-updated':
      case 'routine':
        return;
      case 'unknown':
      case 'malformed':
        this.#unread.add(event);
        return;
      default:
        event satisfies never;
    }
  }

  #stopForCaller(): void {
    this.#replies.stopAll();
    this.#step({ type: 'speech-started' });
  }

  #onSpeech(event: Extract<RealtimeEvent, { type: 'message-started' | 'words' | 'words-finished' | 'audio' }>): void {
    const reply = this.#replies.find(event.responseId);
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

  #onResponseDone({ responseId, status, code, audioMs }: Extract<RealtimeEvent, { type: 'response-done' }>): void {
    this.#playout?.made(responseId, audioMs);
    const reply = this.#replies.find(responseId);
    const hasStarted = reply?.hasStarted ?? false;
    // Its words came, and its voice did not: the caller has heard nothing, whatever the service thinks.
    const isUnheard = status === 'completed' && !this.#playout && !reply?.isCut && reply?.items.hasLostSound === true;
    const hasFailed = status === 'failed' || isUnheard;
    if (reply && !reply.isDone) {
      reply.isDone = true;
      reply.items.complete();
      const { id, items } = reply;
      if (!reply.isCut && items.text !== '') this.#emitTranscript('agent', id, items.text, true);
      if (hasStarted) {
        const outcome = status === 'cancelled' ? 'interrupted' : hasFailed ? 'failed' : 'completed';
        this.#emit({ type: 'reply-finished', replyId: id, outcome });
      }
    }
    if (status === 'completed' && !isUnheard) this.#failures.forget();
    if (status === 'incomplete') this.#log.warn({ code }, 'a reply was left incomplete');
    if (status === 'incomplete' && code === 'content_filter' && !hasStarted) {
      // Also a refusal may be filtered, and the next one.
      this.#countFailure(code);
      this.#step({ type: 'ask', request: { instructions: filtered } });
    }
    const retry = hasFailed && !reply?.isCut;
    if (retry) this.#countFailure(code ?? (isUnheard ? 'no audio' : 'none'));
    this.#step({ type: 'response-done', responseId, retry });
    this.#rollover.check();
  }

  #onError({ code, message, eventId }: Extract<RealtimeEvent, { type: 'error' }>): void {
    if (code === 'session_expired') {
      this.#link.fail(new AppError('MODEL_SESSION_EXPIRED', { service: this.#dialect.service }));
      return;
    }
    if (isHarmless(code)) this.#log.debug({ code }, 'the service refused what had become pointless');
    else this.#log.warn({ code, pii: { message } }, 'the service reports an error');
    const isAboutAsk = eventId !== undefined && eventId === `ask_${this.#asks}`;
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

  #step(input: GateInput): void {
    const { state, actions } = stepGate(this.#gate, input);
    this.#gate = state;
    for (const action of actions) {
      switch (action.type) {
        case 'create': {
          const { request } = action;
          this.#asks += 1;
          const response = 'answer' in request ? undefined : this.#dialect.createResponse(request, this.#options);
          this.#link.send(formatResponseCreate(`ask_${this.#asks}`, response));
          break;
        }
        case 'cancel': {
          const reply = this.#replies.find(action.responseId);
          if (reply) reply.isCut = true;
          this.#link.send(formatResponseCancel(action.responseId));
          break;
        }
        default:
          action satisfies never;
      }
    }
  }

  #finish(error: AppError | undefined): void {
    this.#rollover.close();
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#onOver?.();
    this.#emit({ type: 'closed', error });
  }

  #emitTranscript(role: 'caller' | 'agent', turnId: string, text: string, final: boolean): void {
    this.#emit({ type: 'transcript', role, turnId, text, final });
  }

  #emit(event: VoiceModelEvent): void {
    if (this.#playout) this.#playout.pass(event);
    else this.#events.emit(event);
  }
}
