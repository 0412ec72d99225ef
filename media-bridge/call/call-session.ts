// One live call: joins the carrier's leg to the model's leg and decides what happens between them.
import type { AgentProfile } from '../../shared/agents/agent.ts';
import type { CallEndReason } from '../../shared/call/call.ts';
import type { CallEvent } from '../../shared/call/call-event.ts';
import type { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { type AudioConverter, createAudioConverter } from '../audio/audio-converter.ts';
import { bytesPerMs } from '../audio/audio-format.ts';
import type { MediaTransport, MediaTransportEvent } from '../transports/media-transport.ts';
import type { ReplyRequest, VoiceModel, VoiceModelEvent } from '../voice-models/voice-model.ts';
import type { Announcer } from './announcer.ts';
import type { AnswerScreening, ScreenedLine } from './answering/answer-screening.ts';
import type { CallJournal } from './call-journal.ts';
import { CallerBacklog } from './caller-backlog.ts';
import { Farewell } from './farewell.ts';
import type { ModelFailover } from './model-failover.ts';
import { ModelGap } from './model-gap.ts';
import { createGreeting, resumption } from './openings.ts';
import type { ToolRunner } from './tool-runner.ts';
import { TurnTaking } from './turn-taking.ts';

/** A carrier that lost its socket opens another one within seconds; the caller then hears the same agent go on. */
const mediaGraceMs = 10_000;

export interface CallSessionOptions {
  readonly agent: AgentProfile;
  readonly replica: string;
  readonly transport: MediaTransport;
  readonly journal: CallJournal;
  readonly tools: ToolRunner;
  readonly log: Logger;
  readonly announcer: Announcer;
  /** Outbound calls only: finds out whether a person picked up. */
  createScreening?(line: ScreenedLine): AnswerScreening;
  readonly failover: ModelFailover;
  /** Ends the call at the carrier. */
  hangUp(): Promise<void>;
}

export class CallSession {
  /** Resolves when nothing of the call is left here. */
  readonly ended: Promise<void>;
  readonly #options: CallSessionOptions;
  readonly #journal: CallJournal;
  readonly #abort = new AbortController();
  readonly #resolveEnded: () => void;
  readonly #turns: TurnTaking;
  readonly #farewell = new Farewell({
    isQuiet: () => this.#turns.isQuiet && this.#transport.playedMs >= this.#transport.sentMs,
    onDone: () => this.hangUp('agent-hung-up', 'agent'),
  });
  readonly #gap: ModelGap;
  readonly #unheard: CallerBacklog;
  readonly #screening: AnswerScreening | undefined;
  #transport: MediaTransport;
  #model: VoiceModel | undefined;
  #toModel: AudioConverter | undefined;
  #toCarrier: AudioConverter | undefined;
  #mediaGrace: NodeJS.Timeout | undefined;
  #hasMedia = true;
  #isHangingUp = false;

  constructor(options: CallSessionOptions) {
    this.#options = options;
    this.#journal = options.journal;
    this.#transport = options.transport;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#resolveEnded = resolve;
    this.#turns = new TurnTaking(this.#journal);
    this.#unheard = new CallerBacklog(options.transport.format);
    this.#gap = new ModelGap(options.announcer, () => this.#transport);
    this.#screening = options.createScreening?.({
      record: (fact) => this.#journal.record(fact),
      silence: () => this.#silenceAgent(),
      hangUp: () => this.hangUp('voicemail', 'agent'),
    });
  }

  /** False while the carrier's socket is lost and another one is awaited. */
  get hasMedia(): boolean {
    return this.#hasMedia;
  }

  /** Closed; what it knows may still be on its way to the store. */
  get isOver(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Opens the model and lets the agent speak first. Resolves when it does, or when the call is over. */
  async start(): Promise<void> {
    const resumed = this.#journal.state.turns.length > 0;
    this.#listenTo(this.#transport);
    await this.#openModel(resumed ? resumption : createGreeting(this.#options.agent));
  }

  /** The carrier opened its media socket again: the conversation goes on where it was heard. */
  replaceTransport(transport: MediaTransport): void {
    clearTimeout(this.#mediaGrace);
    this.#turns.cut(this.#transport, this.#model);
    const before = this.#transport;
    this.#transport = transport;
    this.#hasMedia = true;
    before.close();
    this.#listenTo(transport);
    this.#model?.requestReply(resumption);
  }

  /** Something that functions or another replica wrote about this call. */
  observe(event: CallEvent): void {
    if (!this.#journal.observe(event)) return;
    if (event.type === 'call-ended' || event.type === 'transfer-started') this.close();
    // The carrier opened the socket at another replica: the call lives there now.
    if (event.type === 'media-started' && event.replica !== this.#options.replica) this.close();
    if (event.type === 'answered-by') this.#screening?.told(event.answeredBy);
  }

  /** Ends the call at the carrier, and then here. The first reason stands. */
  hangUp(reason: CallEndReason, by: 'agent' | 'operator'): void {
    if (this.#isHangingUp || this.isOver) return;
    this.#isHangingUp = true;
    this.#journal.record({ type: 'hang-up-requested', by, reason });
    const { hangUp, log } = this.#options;
    void hangUp()
      .catch((error) => log.error({ error, reason }, 'the carrier did not hang up; closing its media socket instead'))
      .finally(() => this.close());
  }

  /** Idempotent. Leaves the call at the carrier as it is. */
  close(): void {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort();
    clearTimeout(this.#mediaGrace);
    this.#farewell.takeBack();
    this.#gap.close();
    this.#screening?.close();
    this.#turns.close(this.#transport);
    this.#model?.close();
    this.#transport.close();
    if (this.#hasMedia) this.#recordMediaStopped(true);
    void this.#journal.close().then(this.#resolveEnded);
  }

  #listenTo(transport: MediaTransport): void {
    this.#journal.record({ type: 'media-started', replica: this.#options.replica });
    transport.listen((event) => {
      // Late events of a leg that was replaced say nothing about the call.
      if (transport === this.#transport && !this.#abort.signal.aborted) this.#onTransport(event);
    });
  }

  #onTransport(event: MediaTransportEvent): void {
    switch (event.type) {
      case 'audio':
        this.#screening?.hear(event.audio);
        if (this.#model) this.#model.sendAudio(this.#toModel!.convert(event.audio));
        // Between two models. Before the first one the agent is to speak first.
        else if (this.#toModel) this.#unheard.add(event.audio);
        return;
      case 'dtmf':
        this.#journal.record({ type: 'dtmf-received', digit: event.digit });
        this.#model?.sendText(`The caller pressed the key ${event.digit}.`);
        return;
      case 'played-out':
        this.#settle();
        return;
      case 'closed':
        this.#hasMedia = false;
        this.#recordMediaStopped(event.clean);
        if (event.clean) this.close();
        else this.#mediaGrace = setTimeout(() => this.close(), mediaGraceMs);
        return;
      default:
        event satisfies never;
    }
  }

  #onModel(event: VoiceModelEvent): void {
    switch (event.type) {
      case 'caller-started-speaking':
        this.#silenceAgent();
        return;
      case 'caller-stopped-speaking':
        this.#turns.callerStopped();
        return;
      case 'reply-started':
        this.#farewell.replyStarted(event.replyId);
        this.#turns.replyStarted(event.replyId);
        return;
      case 'audio':
        this.#onReplyAudio(event.replyId, event.audio);
        return;
      case 'reply-finished':
        this.#turns.replyFinished(event.replyId);
        this.#settle();
        return;
      case 'transcript':
        this.#turns.transcript(event);
        if (event.role === 'caller') this.#screening?.hearText(event.text);
        return;
      case 'tool-call':
        void this.#runTool(event.toolCallId, event.name, event.input);
        return;
      case 'closed':
        this.#onModelLost(event.error);
        return;
      default:
        event satisfies never;
    }
  }

  #silenceAgent(): void {
    this.#farewell.takeBack();
    this.#gap.silence();
    this.#turns.callerStarted(this.#transport, this.#model);
    // A reply that was cut may have ended within a sample; the next one must not begin in its middle.
    this.#toCarrier?.reset();
  }

  #settle(): void {
    const heard = this.#turns.settle(this.#transport.playedMs);
    this.#farewell.repliesHeard(heard);
    this.#screening?.repliesHeard(heard);
  }

  #onReplyAudio(replyId: string, audio: Buffer): void {
    if (!this.#turns.wants(replyId)) return;
    this.#gap.silence();
    const converted = this.#toCarrier!.convert(audio);
    const atMs = this.#transport.sentMs;
    this.#transport.sendAudio(converted);
    this.#turns.replySounded(replyId, atMs, converted.length / bytesPerMs(this.#transport.format));
  }

  #onModelLost(error: AppError | undefined): void {
    const model = this.#model!;
    this.#options.log.warn({ error, model: model.kind }, 'the voice model was lost');
    this.#journal.record({ type: 'model-lost', model: model.kind, code: error?.code ?? 'MODEL_UNAVAILABLE' });
    this.#model = undefined;
    this.#options.failover.markLost(model.kind, error);
    const cutShort = this.#turns.modelLost(this.#transport);
    // A session that was given back between two turns is nothing that a caller has to hear of.
    const isUnnoticed = error?.code === 'MODEL_SESSION_EXPIRED' && !cutShort;
    void this.#openModel(isUnnoticed ? undefined : resumption);
  }

  /** First open and every later one: the gap is filled with sound, and the new model knows what was said. */
  async #openModel(opening: ReplyRequest | undefined): Promise<void> {
    const startedAt = performance.now();
    // A machine that records would keep the sounds of waiting.
    if (!this.#screening?.isMuted) this.#gap.open();
    try {
      const opened = await this.#options.failover.open(this.#abort.signal);
      const model = this.#screening?.guard(opened) ?? opened;
      this.#model = model;
      this.#toModel = createAudioConverter(this.#transport.format, model.inputFormat);
      this.#toCarrier = createAudioConverter(model.outputFormat, this.#transport.format);
      const tookMs = Math.round(performance.now() - startedAt);
      this.#journal.record({ type: 'model-opened', model: model.kind, tookMs });
      model.listen((event) => {
        if (model === this.#model && !this.#abort.signal.aborted) this.#onModel(event);
      });
      for (const audio of this.#unheard.takeAll()) model.sendAudio(this.#toModel.convert(audio));
      if (opening) model.requestReply(opening);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#options.log.error({ error }, 'no voice model can be had: apologising and hanging up');
      this.#model = undefined;
      await this.#gap.apologise(this.#abort.signal);
      this.hangUp('model-unavailable', 'agent');
    }
  }

  async #runTool(toolCallId: string, name: string, input: string): Promise<void> {
    const model = this.#model;
    let hangsUp = false;
    const { ok, output, tookMs } = await this.#options.tools.run(name, input, {
      call: this.#journal.state,
      signal: this.#abort.signal,
      now: new Date(),
      record: (fact) => this.#journal.record(fact),
      hangUp: () => {
        hangsUp = true;
      },
    });
    if (this.#abort.signal.aborted) return;
    this.#journal.record({ type: 'tool-called', name, ok, tookMs });
    if (hangsUp) this.#farewell.begin();
    if (model === this.#model) model?.sendToolResult(toolCallId, output);
  }

  #recordMediaStopped(clean: boolean): void {
    this.#journal.record({ type: 'media-stopped', replica: this.#options.replica, clean });
  }
}
