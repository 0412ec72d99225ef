// A voice model made of three services: speech recognition, a chat model and speech synthesis, one turn after the other.
import { AppError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/logger.ts';
import { type AudioFormat, bytesPerMs, mulaw8k, pcm16k } from '../../audio/audio-format.ts';
import type { ReplyRequest, VoiceModel, VoiceModelEvent, VoiceModelOptions } from '../voice-model.ts';
import { AgentSpeech } from './agent-speech.ts';
import { type CallerTurnEvent, CallerTurns } from './caller-turns.ts';
import { CascadeReply, type ReplyServices } from './cascade-reply.ts';
import { ContentFilteredError } from './chat-stream.ts';
import { Conversation, type ToolCall } from './conversation.ts';
import type { RecognizerEvent } from './speech-recognizer.ts';
import type { SpokenReply } from './spoken-reply.ts';

/** Replies asked for out of turn. The session asks for one at a time; more means that nothing is spoken any more. */
const maxWaitingRequests = 16;
/** Interruptions of what was made but not yet heard come within a reply or two. */
const maxRememberedReplies = 16;
/** Asked for a third time, a caller is a noise: a television, or a street. */
const maxUnheard = 2;
/** What sounds so soon behind the agent may be the end of its echo. */
const echoTailMs = 500;
/** Until somebody listens; recognition is quiet before it gets audio. */
const maxEarlyEvents = 256;

const notUnderstood =
  'The caller made a sound that could not be understood and you stopped speaking. Go on where you stopped.';
const askAgain = 'The caller said something that could not be understood. Ask in a few words to hear it again.';
const filtered =
  'What the caller said last must not be discussed. Say in one short sentence that you cannot help with that, and offer other help.';

/** The three services of one call. */
export interface CascadeParts extends ReplyServices {
  readonly recognizer: { open(signal: AbortSignal): Promise<void>; sendAudio(audio: Buffer): void; close(): void };
  readonly synthesizer: ReplyServices['synthesizer'] & { open(): Promise<void>; close(): void };
}

export class CascadeModel implements VoiceModel {
  readonly kind = 'cascade';
  readonly inputFormat: AudioFormat;
  readonly outputFormat: AudioFormat;
  readonly #parts: CascadeParts;
  readonly #log: Logger;
  readonly #signal: AbortSignal;
  readonly #conversation: Conversation;
  readonly #turns: CallerTurns;
  readonly #requests: ReplyRequest[] = [];
  readonly #finished = new Map<string, SpokenReply>();
  readonly #early: VoiceModelEvent[] = [];
  #listener: ((event: VoiceModelEvent) => void) | undefined;
  #reply: CascadeReply | undefined;
  /** Of the reply's transcript, what was told last. */
  #told = '';
  /** The chat model owes an answer: to the caller's words, to tools, or to the session's instructions. */
  #isOwed = false;
  /** One of those that came of several. */
  #resultsWantReply = false;
  /** The turn of the caller that now goes on cut a reply. */
  #hasCut = false;
  /** How often in a row the caller was asked to say it again. */
  #unheard = 0;
  /** Refused twice in a row is not the caller's doing. */
  #wasFiltered = false;
  readonly #speech = new AgentSpeech();
  /** What the caller said in turns that are not decided yet, by turn; empty where nobody understood it. Undefined: we decide at once. */
  readonly #undecided: Map<string, string> | undefined;
  #closed = false;

  constructor(
    options: VoiceModelOptions,
    log: Logger,
    createParts: (model: CascadeModel, onRecognized: (event: RecognizerEvent) => void) => CascadeParts,
  ) {
    this.#log = log;
    this.#signal = options.signal;
    if (options.agent.turn_taking.decided_by === 'bridge') this.#undecided = new Map();
    this.inputFormat = inputFormatFor(options.carrierFormat);
    this.outputFormat = options.carrierFormat;
    this.#conversation = new Conversation(options.instructions, options.history);
    this.#turns = new CallerTurns({ agent: this.#speech, onEvent: (event) => this.#onTurn(event) });
    this.#parts = createParts(this, (event) => this.#onRecognized(event));
  }

  /** Resolves when both speech services took our connections; rejects with an AppError, and nothing stays open. */
  async open(): Promise<void> {
    const { recognizer, synthesizer } = this.#parts;
    this.#signal.addEventListener('abort', this.#onAbort, { once: true });
    try {
      await Promise.all([recognizer.open(this.#signal), synthesizer.open()]);
    } catch (error) {
      this.close();
      throw error;
    }
    if (this.#closed)
      throw new AppError('MODEL_UNAVAILABLE', 'The speech services went away as soon as they were there.');
  }

  listen(listener: (event: VoiceModelEvent) => void): void {
    this.#listener = listener;
    for (const event of this.#early.splice(0)) listener(event);
  }

  sendAudio(audio: Buffer): void {
    if (!this.#closed) this.#parts.recognizer.sendAudio(audio);
  }

  requestReply(request: ReplyRequest): void {
    if (this.#requests.length < maxWaitingRequests) this.#requests.push(request);
    else this.#log.warn('too many replies wait to be spoken; one is left out');
    this.#next();
  }

  askAgain(request: ReplyRequest): void {
    const reply = this.#reply;
    this.#log.info({ hasAudio: reply?.hasAudio ?? false }, 'a reply does not come and is asked for again');
    if (reply) this.#stop(reply);
    if (reply && !reply.hasAudio) this.#conversation.cutReply(reply.id, '');
    this.#requests.splice(0, Number.POSITIVE_INFINITY, request);
    this.#isOwed = false;
    this.#next();
  }

  sendText(text: string): void {
    this.#conversation.addCaller(text);
    this.#isOwed = true;
    this.#withdrawUnheard();
    this.#next();
  }

  sendToolResult(toolCallId: string, output: string, { wantsReply } = { wantsReply: true }): void {
    if (!this.#conversation.addToolResult(toolCallId, output)) return;
    this.#resultsWantReply ||= wantsReply;
    if (this.#conversation.awaitsToolResults) return;
    this.#isOwed ||= this.#resultsWantReply;
    this.#resultsWantReply = false;
    this.#next();
  }

  interrupt(replyId: string, heardMs: number): string {
    const reply = this.#reply?.id === replyId ? this.#reply : undefined;
    const spoken = reply?.spoken ?? this.#finished.get(replyId);
    if (!spoken) return '';
    const heard = spoken.wordsHeard(heardMs);
    this.#conversation.cutReply(replyId, heard);
    this.#finished.delete(replyId);
    this.#speech.cut();
    this.#hasCut = this.#turns.isSpeaking;
    if (!reply) return heard;
    this.#stop(reply);
    this.#emit({ type: 'reply-finished', replyId, outcome: 'interrupted' });
    this.#next();
    return heard;
  }

  takeWord(): void {
    this.#withdrawUnheard();
  }

  answerTurn(): void {
    const said = [...(this.#undecided?.values() ?? [])];
    this.#undecided?.clear();
    for (const text of said.filter(Boolean)) this.#conversation.addCaller(text);
    // Whoever took the word and was not understood is asked to say it again.
    if (said.length > 0 && said.every((text) => text === ''))
      this.#conversation.addGuidance(this.#hasCut ? notUnderstood : askAgain);
    this.#isOwed = true;
    this.#next();
  }

  dropTurns(turnIds: readonly string[]): void {
    for (const turnId of turnIds) this.#undecided?.delete(turnId);
    this.#next();
  }

  close(): void {
    this.#end();
  }

  readonly #onAbort = () => this.close();

  /** The first reason stands. */
  #end(error?: AppError): void {
    if (this.#closed) return;
    this.#closed = true;
    const reply = this.#reply;
    this.#signal.removeEventListener('abort', this.#onAbort);
    if (reply) this.#stop(reply);
    this.#turns.close();
    this.#parts.recognizer.close();
    this.#parts.synthesizer.close();
    // A reply that is lost with its model is not finished: the next model takes it up.
    if (reply?.hasAudio && !error) this.#deliver({ type: 'reply-finished', replyId: reply.id, outcome: 'interrupted' });
    this.#deliver({ type: 'closed', error });
  }

  #emit(event: VoiceModelEvent): void {
    if (!this.#closed) this.#deliver(event);
  }

  #deliver(event: VoiceModelEvent): void {
    if (this.#listener) this.#listener(event);
    else if (this.#early.length < maxEarlyEvents || event.type === 'closed') this.#early.push(event);
  }

  #onRecognized(event: RecognizerEvent): void {
    switch (event.type) {
      case 'hypothesis':
        this.#turns.guess(event.text, event.agoMs);
        return;
      case 'final':
        this.#turns.finish(event.text, event.agoMs);
        return;
      case 'nothing':
        this.#turns.dismiss();
        return;
      case 'unheard':
        this.#onUnheard(event.agoMs);
        return;
      case 'closed':
        this.#end(event.error);
        return;
      default:
        event satisfies never;
    }
  }

  /** Whoever speaks in a silent line waits for an answer, even if it was to words that nobody understood. */
  #onUnheard(agoMs: number): void {
    const wasSilent = performance.now() - agoMs > this.#speech.lastHeardMs + echoTailMs;
    if (!wasSilent || this.#isOwed || this.#turns.isSpeaking || this.#unheard === maxUnheard) return;
    this.#unheard++;
    this.#log.info({ times: this.#unheard }, 'the caller spoke and no word was recognised: asking to hear it again');
    this.#conversation.addGuidance(askAgain);
    this.#isOwed = true;
    this.#next();
  }

  #onTurn(event: CallerTurnEvent): void {
    switch (event.type) {
      case 'started':
        this.#hasCut = false;
        this.#emit({ type: 'caller-started-speaking', turnId: event.turnId });
        if (!this.#undecided) this.#withdrawUnheard();
        return;
      case 'guessed':
        this.#emit({ type: 'transcript', role: 'caller', turnId: event.turnId, text: event.text, final: false });
        return;
      case 'finished':
        this.#undecided?.set(event.turnId, event.text);
        // Whoever decides about it has all its words first.
        if (this.#undecided) this.#tellCaller(event.turnId, event.text);
        this.#emit({ type: 'caller-stopped-speaking', turnId: event.turnId });
        if (!this.#undecided) this.#tellCaller(event.turnId, event.text);
        this.#unheard = 0;
        if (!this.#undecided) {
          this.#conversation.addCaller(event.text);
          this.#isOwed = true;
        }
        this.#next();
        return;
      case 'dismissed':
        this.#undecided?.set(event.turnId, '');
        this.#emit({ type: 'caller-stopped-speaking', turnId: event.turnId });
        if (this.#undecided) {
          this.#tellCaller(event.turnId, '');
          this.#next();
          return;
        }
        // In a silent line whoever began to speak waits for an answer.
        if (!this.#isOwed && (this.#hasCut || (!this.#speech.isAudible && this.#requests.length === 0))) {
          this.#conversation.addGuidance(this.#hasCut ? notUnderstood : askAgain);
          this.#isOwed = true;
        }
        this.#next();
        return;
      default:
        event satisfies never;
    }
  }

  #tellCaller(turnId: string, text: string): void {
    this.#emit({ type: 'transcript', role: 'caller', turnId, text, final: true });
  }

  /** Thoughts that have not become sound are thought again, with what has come up since. */
  #withdrawUnheard(): void {
    const reply = this.#reply;
    if (!reply || reply.hasAudio) return;
    this.#stop(reply);
    this.#conversation.cutReply(reply.id, '');
    if (reply.say === undefined) this.#isOwed = true;
    else this.#requests.unshift({ say: reply.say });
  }

  #stop(reply: CascadeReply): void {
    this.#reply = undefined;
    reply.stop();
    this.#speech.end();
  }

  /** One thing at a time: whatever ends comes here to let the next begin. */
  #next(): void {
    if (this.#closed || this.#reply || this.#turns.isSpeaking) return;
    const request = this.#requests.shift();
    if (request && 'instructions' in request) {
      this.#conversation.addGuidance(request.instructions);
      this.#isOwed = true;
    }
    if (request && 'answer' in request) this.#isOwed = true;
    const say = request && 'say' in request ? request.say : undefined;
    if (say === undefined && (!this.#isOwed || this.#conversation.awaitsToolResults)) return;
    if (say === undefined) this.#isOwed = false;
    const reply: CascadeReply = new CascadeReply(
      say,
      this.#conversation,
      this.#parts,
      this.#listenTo(() => reply),
      this.#log,
    );
    this.#reply = reply;
    this.#told = '';
    reply.make().then(
      (outcome) => this.#finish(reply, outcome === 'filtered'),
      (error) => this.#onReplyFailed(reply, error),
    );
  }

  #finish(reply: CascadeReply, isFiltered: boolean): void {
    if (this.#reply !== reply) return;
    this.#reply = undefined;
    this.#speech.end();
    if (reply.hasAudio) {
      this.#finished.set(reply.id, reply.spoken);
      if (this.#finished.size > maxRememberedReplies) this.#finished.delete(this.#finished.keys().next().value!);
      this.#emit({ type: 'transcript', role: 'agent', turnId: reply.id, text: reply.spoken.text, final: true });
      this.#emit({ type: 'reply-finished', replyId: reply.id, outcome: 'completed' });
    }
    if (isFiltered) this.#changeSubject();
    else this.#wasFiltered = false;
    this.#next();
  }

  #onReplyFailed(reply: CascadeReply, cause: unknown): void {
    if (this.#reply !== reply) return;
    if (cause instanceof ContentFilteredError && this.#changeSubject()) {
      this.#reply = undefined;
      this.#next();
      return;
    }
    this.#end(cause instanceof AppError ? cause : new AppError('MODEL_PROTOCOL', 'The cascade failed.', { cause }));
  }

  /** What the caller said last is not spoken of. False if that did not help the last time. */
  #changeSubject(): boolean {
    if (this.#wasFiltered || !this.#conversation.dropLastCaller()) return false;
    this.#wasFiltered = true;
    this.#log.info('the content filter refused to have the caller answered');
    this.#conversation.addGuidance(filtered);
    this.#isOwed = true;
    return true;
  }

  #listenTo(getReply: () => CascadeReply) {
    return {
      onPiece: (text: string) => this.#speech.begin(text),
      onAudio: (audio: Buffer, isFirst: boolean) => this.#sound(getReply(), audio, isFirst),
      onPieceSpoken: () => {
        this.#speech.complete();
        this.#tellWords(getReply());
      },
      onToolCalls: (calls: readonly ToolCall[]) => {
        const { id: ownId, saysSomething } = getReply();
        const replyId = saysSomething ? ownId : undefined;
        for (const { id, name, input } of calls)
          this.#emit({ type: 'tool-call', toolCallId: id, name, input, replyId });
      },
    };
  }

  #sound(reply: CascadeReply, audio: Buffer, isFirst: boolean): void {
    if (isFirst) this.#emit({ type: 'reply-started', replyId: reply.id });
    const ms = audio.length / bytesPerMs(this.outputFormat);
    reply.spoken.addAudio(ms);
    this.#speech.add(ms);
    this.#tellWords(reply);
    this.#emit({ type: 'audio', replyId: reply.id, audio });
  }

  /** The transcript keeps step with the audio, so that whoever cuts one can cut the other. */
  #tellWords(reply: CascadeReply): void {
    const { text } = reply.spoken;
    if (text === this.#told) return;
    this.#told = text;
    this.#emit({ type: 'transcript', role: 'agent', turnId: reply.id, text, final: false });
  }
}

/** The two formats that recognition takes. */
function inputFormatFor(carrierFormat: AudioFormat): AudioFormat {
  return carrierFormat.encoding === 'mulaw' ? mulaw8k : pcm16k;
}
