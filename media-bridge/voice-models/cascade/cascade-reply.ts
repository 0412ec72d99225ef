// One reply of the cascade in the making: asked for until there is enough of it, made fit for the ear, and spoken while it is being written.
import { randomUUID } from 'node:crypto';
import { AppError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/logger.ts';
import { type AnswerEnding, judgeEnding, type NextStep } from './answer-ending.ts';
import { type ChatPiece, ContentFilteredError } from './chat-stream.ts';
import { Continuation } from './continuation.ts';
import type { Conversation, ToolCall } from './conversation.ts';
import { PlainSpeech } from './plain-speech.ts';
import { SentenceSplitter } from './sentence-splitter.ts';
import { SpokenReply } from './spoken-reply.ts';

/** The restart budget of one reply: what goes wrong three times goes wrong the fourth time too. */
const maxAsks = 3;
/** Nobody asks again for a reply of which nothing was said for so long: another model is quicker. */
const lastAskAfterMs = 6_000;

const goOn =
  'Your last answer broke off where it ends now, and the caller heard it so far. Go on with the next sentence. Do not repeat what was said, and do not mention it.';
const inWords = 'Your last answer had no words in it. Answer the caller in words that can be read aloud.';

export interface ReplyServices {
  readonly synthesizer: { speak(text: string, onAudio: (audio: Buffer) => void): Promise<void>; stop(): void };
  /** `nudge`: what concerns this answer only. */
  chat(conversation: Conversation, signal: AbortSignal, nudge?: string): AsyncIterable<ChatPiece>;
}

export interface ReplyListener {
  /** A piece of text whose audio follows. */
  onPiece(text: string): void;
  onAudio(audio: Buffer, isFirst: boolean): void;
  /** All audio of the piece came. */
  onPieceSpoken(): void;
  onToolCalls(calls: readonly ToolCall[]): void;
}

interface Answer {
  readonly ending: AnswerEnding;
  readonly step: NextStep;
}

export class CascadeReply {
  readonly id = randomUUID();
  readonly spoken = new SpokenReply();
  /** Words that were given; without them the chat model is asked. */
  readonly say: string | undefined;
  readonly #services: ReplyServices;
  readonly #conversation: Conversation;
  readonly #listener: ReplyListener;
  readonly #log: Logger;
  readonly #abort = new AbortController();
  readonly #startedAtMs = performance.now();
  /** A failed piece fails the reply at once, not when the chat model is done. */
  readonly #failed = Promise.withResolvers<never>();
  #speech: Promise<void> = Promise.resolve();
  /** What was given to the voice. */
  #said = '';
  #hasAudio = false;
  /** The next piece is the first of another answer. */
  #goesOn = false;
  /** Of the piece in the voice's hands, since its first audio. */
  #sounding: string | undefined;

  constructor(
    say: string | undefined,
    conversation: Conversation,
    services: ReplyServices,
    listener: ReplyListener,
    log: Logger,
  ) {
    this.say = say;
    this.#conversation = conversation;
    this.#services = services;
    this.#listener = listener;
    this.#log = log;
    this.#failed.promise.catch(() => {});
  }

  /** Has words for the voice, spoken or not. */
  get saysSomething(): boolean {
    return this.#said !== '';
  }

  get hasAudio(): boolean {
    return this.#hasAudio;
  }

  /**
   * Resolves when all of it is spoken, or after `stop`; with `filtered` when the service did not let it be said to its end.
   * Rejects with an AppError when it cannot be made or spoken, and with a ContentFilteredError when nothing was said.
   */
  make(): Promise<'done' | 'filtered'> {
    return Promise.race([this.#make(), this.#failed.promise]);
  }

  /** Idempotent. */
  stop(): void {
    this.#abort.abort();
    this.#services.synthesizer.stop();
  }

  async #make(): Promise<'done' | 'filtered'> {
    const step = this.say === undefined ? await this.#write() : this.#recite(this.say);
    await this.#speech;
    return step === 'change-subject' ? 'filtered' : 'done';
  }

  #recite(text: string): NextStep {
    const plain = new PlainSpeech();
    const splitter = new SentenceSplitter();
    this.#voice([...splitter.push(plain.push(text) + plain.flush()), ...splitter.flush()]);
    return 'done';
  }

  async #write(): Promise<NextStep> {
    let nudge: string | undefined;
    for (let asks = 1; ; asks++) {
      const answer = await this.#ask(nudge);
      if (!answer || answer.step === 'done') return 'done';
      const { ending, step } = answer;
      if (step === 'change-subject') {
        if (this.#said === '') throw new ContentFilteredError('the content filter refused the answer');
        return step;
      }
      const tooLate = !this.#hasAudio && performance.now() - this.#startedAtMs > lastAskAfterMs;
      if (asks === maxAsks || tooLate) return this.#giveUp(ending, asks);
      this.#log.info({ ending, asks }, 'the chat model did not answer to the end and is asked again');
      nudge = this.#said !== '' ? goOn : asks > 1 ? inWords : undefined;
    }
  }

  /** Something is better than nothing, and nothing is worse than another model. */
  #giveUp(ending: AnswerEnding, asks: number): NextStep {
    this.#log.warn({ ending, asks }, 'the chat model does not answer to the end');
    if (this.#said !== '') return 'done';
    const code = ending === 'broken' || ending === 'stalled' ? 'MODEL_UNAVAILABLE' : 'MODEL_PROTOCOL';
    const why =
      ending === 'length' ? ': it thinks until its limit (AZURE_OPENAI_CHAT_REASONING_EFFORT)' : ` (${ending})`;
    throw new AppError(code, `The chat model gives no answer${why}.`);
  }

  /** Undefined after `stop`. */
  async #ask(nudge: string | undefined): Promise<Answer | undefined> {
    const { signal } = this.#abort;
    this.#goesOn = this.#said !== '';
    const plain = new PlainSpeech();
    const continuation = new Continuation(this.#said);
    const splitter = new SentenceSplitter();
    let ending: AnswerEnding = 'broken';
    let calls: readonly ToolCall[] = [];
    for await (const piece of this.#services.chat(this.#conversation, signal, nudge)) {
      if (signal.aborted) return undefined;
      if (piece.type === 'text') this.#voice(splitter.push(continuation.push(plain.push(piece.text))));
      else ({ ending, calls } = piece);
    }
    if (signal.aborted) return undefined;
    const whole = judgeEnding(ending, 'words') === 'done';
    // Half a sentence is not worth saying: it is asked for again.
    if (whole) {
      const last = splitter.push(continuation.push(plain.flush()) + continuation.flush());
      this.#voice([...last, ...splitter.flush()]);
    }
    const step = judgeEnding(ending, calls.length > 0 ? 'tools' : this.#said === '' ? 'nothing' : 'words');
    if (step === 'done' && calls.length > 0) {
      this.#conversation.addToolCalls(this.id, calls);
      this.#listener.onToolCalls(calls);
    }
    return { ending, step };
  }

  /** Spoken one after the other, in the background. */
  #voice(pieces: readonly string[]): void {
    for (const text of pieces) {
      const piece = this.#goesOn && !/^\s/.test(text) ? ` ${text}` : text;
      this.#goesOn = false;
      this.#said += piece;
      this.#conversation.addText(this.id, piece);
      this.#speech = this.#speech.then(() => this.#speak(piece));
    }
    if (pieces.length > 0) this.#speech.catch(this.#failed.reject);
  }

  /** A voice that breaks off is asked once more, for the words that did not sound. */
  async #speak(piece: string): Promise<void> {
    try {
      await this.#speakOnce(piece);
    } catch (error) {
      const mayRecover = error instanceof AppError && error.retryable && this.#sounding === piece;
      const rest = mayRecover ? this.spoken.breakOffPiece() : '';
      if (rest.trim() === '') throw error;
      this.#log.info({ code: (error as AppError).code }, 'the voice broke off: another connection says the rest');
      await this.#speakOnce(rest);
    }
  }

  async #speakOnce(piece: string): Promise<void> {
    const { signal } = this.#abort;
    if (signal.aborted) return;
    this.#sounding = undefined;
    await this.#services.synthesizer.speak(piece.trim(), (audio) => {
      if (signal.aborted) return;
      if (this.#sounding === undefined) {
        this.#sounding = piece;
        this.spoken.beginPiece(piece);
        this.#listener.onPiece(piece);
      }
      const isFirst = !this.#hasAudio;
      this.#hasAudio = true;
      this.#listener.onAudio(audio, isFirst);
    });
    if (signal.aborted || this.#sounding === undefined) return;
    this.spoken.completePiece();
    this.#listener.onPieceSpoken();
  }
}
