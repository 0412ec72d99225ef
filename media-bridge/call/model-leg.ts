// The model's side of a call: the voice model in use, the formats between it and the line, and the time without one.
import type { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { type AudioConverter, createAudioConverter } from '../audio/audio-converter.ts';
import { bytesPerMs } from '../audio/audio-format.ts';
import type { ReplyRequest, VoiceModel, VoiceModelEvent } from '../voice-models/voice-model.ts';
import type { AnswerScreening } from './answering/answer-screening.ts';
import type { CallJournal } from './call-journal.ts';
import { CallerBacklog } from './caller-backlog.ts';
import type { MediaLeg } from './media-leg.ts';
import type { ModelFailover } from './model-failover.ts';
import { createResumption } from './openings.ts';
import { type Announcer, patientMs, promptMs, WaitingSounds } from './waiting-sounds.ts';
import { type WorkOwner, workFor } from './work-owner.ts';

export interface ModelLegOptions {
  readonly failover: ModelFailover;
  readonly journal: Pick<CallJournal, 'record'>;
  readonly announcer: Announcer;
  readonly log: Logger;
}

export type ModelLegEvent = Exclude<VoiceModelEvent, { type: 'closed' }>;

/** The session's side of the leg. */
export interface ModelLegContext extends WorkOwner {
  readonly line: Pick<MediaLeg, 'format' | 'sentMs' | 'playedMs' | 'sendAudio'>;
  /** Outbound calls: stands between the call and each of its models while it is not known who picked up. */
  readonly screening: Pick<AnswerScreening, 'wrap' | 'isMuted'> | undefined;
  onEvent(event: ModelLegEvent): void;
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
export class ModelLeg implements Pick<VoiceModel, 'requestReply' | 'sendText' | 'interrupt'> {
  readonly #options: ModelLegOptions;
  readonly #context: ModelLegContext;
  readonly #sounds: WaitingSounds;
  readonly #backlog: CallerBacklog;
  readonly #over = new AbortController();
  #open: OpenModel | undefined;
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

  /**
   * First open and every later one: the new model knows what was said, hears what the caller says meanwhile, and begins
   * with `opening`. Without one nobody waits for it to speak, and nothing is heard of the change unless it takes too long.
   * Resolves when the model is there, when none can be had, or when the leg is closed.
   */
  async open(opening: ReplyRequest | undefined): Promise<void> {
    const { failover, journal } = this.#options;
    const { line, screening } = this.#context;
    const { signal } = this.#over;
    if (signal.aborted) return;
    const startedAt = performance.now();
    // A machine that records would keep the sounds of waiting.
    if (!screening?.isMuted) this.#sounds.begin(opening ? promptMs : patientMs);
    try {
      const opened = await failover.open(signal);
      const model = screening?.wrap(opened) ?? opened;
      const toModel = createAudioConverter(line.format, model.inputFormat);
      const toLine = createAudioConverter(model.outputFormat, line.format);
      this.#open = { model, toModel, toLine };
      this.#hadModel = true;
      journal.record({ type: 'model-opened', model: model.kind, tookMs: Math.round(performance.now() - startedAt) });
      model.listen((event) => workFor(this.#context, () => this.#receive(model, event)));
      // What had waited for a listener may have been its end.
      if (model !== this.model) return;
      for (const audio of this.#backlog.takeAll()) model.sendAudio(toModel.convert(audio));
      if (opening) model.requestReply(opening);
      else this.#resumeAfterSounds();
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
    try {
      model?.close();
    } finally {
      await this.#sounds.apologise(this.#over.signal);
    }
  }

  /** The caller's audio, in the format of the line; copied or sent before it returns. */
  hear(audio: Buffer): void {
    if (this.#open) this.#open.model.sendAudio(this.#open.toModel.convert(audio));
    else if (this.#hadModel) this.#backlog.add(audio);
  }

  /** Sends a reply's audio, in the format of the model in use, down the line. Returns its length in ms. */
  speak(audio: Buffer): number {
    this.#sounds.end();
    const { line } = this.#context;
    const converted = this.#open?.toLine.convert(audio);
    if (!converted) return 0;
    line.sendAudio(converted);
    return converted.length / bytesPerMs(line.format);
  }

  /** A reply was cut and may have ended within a sample; the next one must not begin in its middle. */
  breakOff(): void {
    this.#sounds.end();
    this.#open?.toLine.reset();
  }

  requestReply(request: ReplyRequest): void {
    this.model?.requestReply(request);
  }

  sendText(text: string): void {
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
    this.#sounds.end();
    const { model } = this;
    this.#open = undefined;
    model?.close();
  }

  #receive(model: VoiceModel, event: VoiceModelEvent): void {
    // Late events of a model that was replaced say nothing about the call.
    if (model !== this.model || this.#over.signal.aborted) return;
    if (event.type === 'closed') this.#lose(model, event.error);
    else this.#context.onEvent(event);
  }

  /** No reply is on its way that would end them. */
  #resumeAfterSounds(): void {
    this.#sounds.end();
    if (this.#sounds.wereHeard) this.requestReply(createResumption('line-was-dead'));
  }

  #lose(model: VoiceModel, error: AppError | undefined): void {
    const { failover, journal, log } = this.#options;
    this.#open = undefined;
    log.warn({ error, model: model.kind }, 'the voice model was lost');
    journal.record({ type: 'model-lost', model: model.kind, code: error?.code ?? 'MODEL_UNAVAILABLE' });
    failover.markLost(model.kind, error);
    this.#context.onLost();
  }
}
