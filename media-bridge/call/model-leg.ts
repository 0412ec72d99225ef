// The model's side of a call: the voice model in use, the formats between it and the line, and the time without one.
import type { Floor } from '../../shared/call/call.ts';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { type AudioConverter, createAudioConverter } from '../audio/audio-converter.ts';
import { bytesPerMs } from '../audio/audio-format.ts';
import type { ReplyRequest, VoiceModel, VoiceModelEvent } from '../voice-models/voice-model.ts';
import type { CallJournal } from './call-journal.ts';
import { CallerBacklog } from './caller-backlog.ts';
import type { DeadAirWatch } from './dead-air/dead-air-watch.ts';
import type { MediaLeg } from './media-leg.ts';
import type { ModelFailover } from './model-failover.ts';
import { type Announcer, WaitingSounds } from './waiting-sounds.ts';
import { type WorkOwner, workOf } from './work-owner.ts';

export interface ModelLegOptions {
  readonly failover: ModelFailover;
  readonly journal: Pick<CallJournal, 'record'>;
  readonly announcer: Announcer;
  readonly log: Logger;
}

export type ModelLegEvent = Exclude<VoiceModelEvent, { type: 'closed' }>;

/** Of what a new model is given of the past: at once, and then with each frame so many times its length. A link takes 8 s at once. */
const firstGivenMs = 4_000;
const givenSpeed = 20;

/** Messages of keys; each was waited for two seconds. */
const maxUnanswered = 8;

/** The session's side of the leg. */
export interface ModelLegContext extends WorkOwner {
  readonly line: Pick<MediaLeg, 'format' | 'sentMs' | 'playedMs' | 'sendAudio' | 'elapse'>;
  /** What stands between the call and each of its models: nothing, or whoever may keep them silent. */
  wrap(model: VoiceModel): VoiceModel;
  readonly watch: Pick<DeadAirWatch, 'tell' | 'close' | 'unnoticedMs' | 'quietMs'>;
  onEvent(event: ModelLegEvent): void;
  /** What the caller said until now was understood, or needs no answer: no other model is to hear it. */
  onSettled(): void;
  /** The model went away by itself; whether to open another one is for the session to say. */
  onLost(): void;
  /** No model can be had, and the caller has heard an apology for it. */
  onGone(): void;
}

interface OpenModel {
  readonly model: VoiceModel;
  readonly toModel: AudioConverter;
  readonly toLine: AudioConverter;
}

/** What is asked of a model while there is none goes unheard, except the caller's voice: that waits for the next one. */
export class ModelLeg implements Pick<VoiceModel, 'requestReply' | 'askAgain' | 'sendText' | 'interrupt'> {
  readonly #options: ModelLegOptions;
  readonly #context: ModelLegContext;
  readonly #sounds: WaitingSounds;
  readonly #backlog: CallerBacklog;
  readonly #over = new AbortController();
  #open: OpenModel | undefined;
  /** Of what was said before the model was there, or while it was being told: it hears all in order. */
  #toBeHeard: Buffer[] = [];
  /** By what the model in use tells, the caller speaks. */
  #isTurnOpen = false;
  /** Told to a model, or to be told to the next one, and not answered yet. */
  #unanswered: string[] = [];
  /** Before the first model the agent is to speak first, and nothing that the caller says is kept. */
  #hadModel = false;

  constructor(options: ModelLegOptions, context: ModelLegContext) {
    this.#options = options;
    this.#context = context;
    this.#sounds = new WaitingSounds(options.announcer, context.line);
    this.#backlog = new CallerBacklog(context.line.format);
  }

  /** The model in use; undefined between two. */
  get model(): VoiceModel | undefined {
    return this.#open?.model;
  }

  /** The caller hears the model in use past this bridge. */
  get isDirect(): boolean {
    return this.#open?.model.isDirect === true;
  }

  /** The caller said something, or is saying it, that no model has understood. The next one hears it whole. */
  get holdsTurn(): boolean {
    return this.#backlog.hasTurn || this.#unanswered.length > 0;
  }

  /** Of that, what was spoken. */
  get holdsVoice(): boolean {
    return this.#backlog.hasVoice;
  }

  /**
   * First open and every later one: the new model knows what was said, hears what the caller says meanwhile, and begins
   * with `opening`, if there is one. Resolves when the model is there, when none can be had, or when the leg is closed.
   */
  async open(opening: ReplyRequest | undefined): Promise<void> {
    const { failover, journal } = this.#options;
    const { line, watch } = this.#context;
    const { signal } = this.#over;
    if (signal.aborted) return;
    const startedAt = performance.now();
    try {
      const opened = await failover.open(signal);
      const model = this.#context.wrap(opened);
      const toModel = createAudioConverter(line.format, model.inputFormat);
      const toLine = createAudioConverter(model.outputFormat, line.format);
      this.#open = { model, toModel, toLine };
      this.#hadModel = true;
      watch.tell({ type: 'model-opened' });
      journal.record({ type: 'model-opened', model: model.kind, tookMs: Math.round(performance.now() - startedAt) });
      model.listen(workOf(this.#context, (event) => this.#receive(model, event)));
      // What had waited for a listener may have been its end.
      if (model !== this.model) return;
      this.#toBeHeard = [...this.#backlog.give()];
      this.#tell(firstGivenMs);
      for (const text of this.#unanswered) model.sendText(text);
      if (opening) model.requestReply(opening);
    } catch (error) {
      if (signal.aborted) return;
      this.#options.log.error({ error }, 'no voice model can be had: apologising and hanging up');
      await this.giveUp();
      if (!signal.aborted) this.#context.onGone();
    }
  }

  /** Resolves when the caller has heard an apology instead of a model, or when the leg is closed. */
  async giveUp(): Promise<void> {
    const { model } = this;
    this.#open = undefined;
    // Nothing is to be waited for any more.
    this.#context.watch.close();
    try {
      model?.close();
    } finally {
      await this.#sounds.apologise(this.#over.signal);
    }
  }

  /** The call was another replica's, where somebody had the word, and the line was silent for so long: what is said before the first model is there is for that one. */
  continueCall(handedOver: Floor, silentMs = 0): void {
    this.#hadModel = true;
    this.#backlog.loseModel();
    if (handedOver !== 'caller') return;
    this.#backlog.beginTurn();
    // It may have been their last word, and what is left of it too little to be heard: unless they go on, they wait for an answer.
    this.#context.watch.tell({ type: 'caller-started' });
    this.#context.watch.tell({ type: 'caller-stopped', agoMs: silentMs });
  }

  /** The caller's audio, in the format of the line; copied or sent before it returns. */
  hear(audio: Buffer): void {
    if (this.#hadModel) this.#backlog.add(audio, this.#context.watch);
    if (!this.#open) return;
    if (this.#toBeHeard.length === 0) {
      this.#open.model.sendAudio(this.#open.toModel.convert(audio));
      return;
    }
    this.#toBeHeard.push(Buffer.from(audio));
    this.#tell((audio.length / bytesPerMs(this.#context.line.format)) * givenSpeed);
  }

  /** The caller seems to speak: should this model not understand it, the next one will hear it. */
  holdTurn(): void {
    this.#backlog.beginTurn();
  }

  /** What the caller said last was written down, or needs no answer. */
  settleTurn(): void {
    this.#backlog.settleTurn();
    this.#context.onSettled();
  }

  /** A reply begins to sound: to whatever was said, or told, before it, and not to what the caller is saying now. */
  answered(): void {
    this.#unanswered = [];
    if (this.#isTurnOpen) return;
    const isUnnoticed = this.#backlog.hasTurn && this.#context.watch.unnoticedMs > 0;
    this.settleTurn();
    if (isUnnoticed) this.#backlog.beginTurn();
  }

  /** The model in use has owed a reply for too long: it is lost like one that went away. */
  giveUpModel(): void {
    const { model } = this;
    if (!model) return;
    this.#lose(model, new AppError('MODEL_SILENT', { service: model.kind }));
    model.close();
  }

  /** Fills the silence on the line; returns for how many ms. */
  fill(): number {
    return this.#sounds.fill();
  }

  /** Sends a reply's audio, in the format of the model in use, down the line. Returns its length in ms. */
  speak(audio: Buffer): number {
    const { line } = this.#context;
    if (this.#open && this.isDirect) {
      const ms = audio.length / bytesPerMs(this.#open.model.outputFormat);
      line.elapse(ms);
      return ms;
    }
    const converted = this.#open?.toLine.convert(audio);
    if (!converted) return 0;
    line.sendAudio(converted);
    return converted.length / bytesPerMs(line.format);
  }

  /** A reply was cut and may have ended within a sample; the next one must not begin in its middle. */
  breakOff(): void {
    this.#open?.toLine.reset();
  }

  requestReply(request: ReplyRequest): void {
    this.model?.requestReply(request);
  }

  askAgain(request: ReplyRequest): void {
    this.model?.askAgain(request);
  }

  sendText(text: string): void {
    this.#unanswered = [...this.#unanswered, text].slice(-maxUnanswered);
    this.model?.sendText(text);
  }

  /** The words that were heard; none of a model that is gone, whose replies were written down then. */
  interrupt(replyId: string, heardMs: number): string {
    return this.model?.interrupt(replyId, heardMs) ?? '';
  }

  /** Idempotent. */
  close(): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    const { model } = this;
    this.#open = undefined;
    model?.close();
  }

  #receive(model: VoiceModel, event: VoiceModelEvent): void {
    // Late events of a model that was replaced say nothing about the call.
    if (model !== this.model || this.#over.signal.aborted) return;
    if (event.type === 'caller-started-speaking') this.#backlog.beginTurn();
    if (event.type === 'caller-started-speaking' || event.type === 'caller-stopped-speaking')
      this.#isTurnOpen = event.type === 'caller-started-speaking';
    if (event.type === 'reply-finished' && event.outcome === 'completed') this.#sounds.end();
    if (event.type === 'closed') this.#lose(model, event.error);
    else this.#context.onEvent(event);
  }

  #tell(ms: number): void {
    const open = this.#open;
    if (!open) return;
    let bytes = ms * bytesPerMs(this.#context.line.format);
    while (bytes > 0 && this.#toBeHeard.length > 0) {
      const audio = this.#toBeHeard.shift()!;
      bytes -= audio.length;
      open.model.sendAudio(open.toModel.convert(audio));
    }
  }

  #lose(model: VoiceModel, error: AppError | undefined): void {
    const { failover, journal, log } = this.#options;
    this.#open = undefined;
    this.#toBeHeard = [];
    this.#isTurnOpen = false;
    this.#backlog.loseModel();
    log.warn({ error, model: model.kind }, 'the voice model was lost');
    journal.record({ type: 'model-lost', model: model.kind, code: error?.code ?? 'MODEL_UNAVAILABLE' });
    failover.markLost(model.kind, error);
    this.#context.onLost();
  }
}
