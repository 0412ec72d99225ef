// One live call: joins the carrier's leg to the model's leg and decides what happens between them.
import type { CallEndReason } from '../../shared/call/call.ts';
import type { CallEvent } from '../../shared/call/call-event.ts';
import type { MediaTransport } from '../transports/media-transport.ts';
import type { AnswerScreening, ScreenedLine } from './answering/answer-screening.ts';
import { Attendance } from './attendance.ts';
import type { CallHold } from './call-hold.ts';
import type { CallJournal } from './call-journal.ts';
import { CarrierHangUp, type CarrierHangUpOptions } from './carrier-hang-up.ts';
import { readDeadAirLimits } from './dead-air/dead-air.ts';
import { DeadAirWatch } from './dead-air/dead-air-watch.ts';
import { Farewell } from './farewell.ts';
import { HandOver } from './hand-over.ts';
import { KeyEntry } from './key-entry.ts';
import { MediaLeg, type MediaLegEvent, type MediaLegOptions } from './media-leg.ts';
import { ModelLeg, type ModelLegEvent, type ModelLegOptions } from './model-leg.ts';
import type { ServedAgent } from './openings.ts';
import { Prompts } from './prompts.ts';
import { SocketPursuit } from './socket-pursuit.ts';
import { SpokenTurns } from './spoken-turns.ts';
import { ToolCalls } from './tool-calls.ts';
import type { ToolRunner } from './tool-runner.ts';
import { CallerHold } from './transfer/caller-hold.ts';
import type { TransferLine, Transfers } from './transfer/transfers.ts';
import { createTurnTaking } from './turn-taking/create-turn-taking.ts';
import type { TurnTaking } from './turn-taking/turn-taking.ts';
import { closeAll, type WorkOwner } from './work-owner.ts';

/** Beside what its legs and the carrier's hang-up need. */
export interface CallSessionOptions extends MediaLegOptions, ModelLegOptions, CarrierHangUpOptions {
  readonly agent: ServedAgent;
  readonly journal: CallJournal;
  readonly hold: CallHold;
  /** When the carrier's socket asked to be let in, by `performance.now()`: the caller has heard nothing since. */
  readonly askedAt: number;
  /** Has the carrier open another media socket, though it takes the one that there was for sound. False: whose the call is, nobody knows now. */
  replaceMedia(): Promise<boolean>;
  /** Has it open one where there is none. False: the same. */
  restartMedia(): Promise<boolean>;
  /** The caller hears the model past this bridge: a line that is lost or new here is none of theirs. */
  isDirect?(): boolean;
  readonly tools: ToolRunner;
  /** Outbound calls only: finds out whether a person picked up. */
  createScreening?(line: ScreenedLine): AnswerScreening;
  /** Where the agent may hand callers over to people. */
  createTransfers?(line: TransferLine): Transfers;
}

export class CallSession implements WorkOwner {
  /** To another replica. */
  readonly handOver: HandOver;
  readonly pursuit: SocketPursuit;
  readonly #options: CallSessionOptions;
  readonly #journal: CallJournal;
  readonly #media: MediaLeg;
  readonly #model: ModelLeg;
  readonly #turns: SpokenTurns;
  readonly #word: TurnTaking;
  readonly #watch: DeadAirWatch;
  readonly #keys: KeyEntry;
  readonly #attendance: Attendance;
  readonly #prompts: Prompts;
  readonly #farewell: Farewell;
  readonly #toolCalls: ToolCalls;
  readonly #hangUp: CarrierHangUp;
  readonly #screening: AnswerScreening | undefined;
  readonly #onHold: CallerHold;
  readonly #transfers: Transfers | undefined;
  readonly #over = new AbortController();
  readonly #ended = Promise.withResolvers<void>();
  /** Resolves when nothing of the call is left here. */
  readonly ended = this.#ended.promise;
  #hasFailed = false;

  constructor(options: CallSessionOptions) {
    this.#options = options;
    this.#journal = options.journal;
    this.#hangUp = new CarrierHangUp(options, () => this.close());
    this.#media = new MediaLeg(
      { ...options, isPutOff: () => this.pursuit.isPutOff },
      {
        onEvent: (event) => this.#onMedia(event),
        onEnded: () => this.close(),
        onLost: (wasSilent) => this.pursuit.begin(wasSilent),
        fail: (error) => this.fail(error),
      },
    );
    this.pursuit = new SocketPursuit({ ...options, isConnected: () => this.#media.isConnected });
    this.#screening = options.createScreening?.({
      record: (fact) => this.#journal.record(fact),
      silence: () => this.#word.takeWord(),
      hangUp: () => this.hangUp('voicemail', 'agent'),
    });
    this.#onHold = new CallerHold({ music: this.#media, cut: () => this.#turns.cut() });
    this.#transfers = options.createTransfers?.({
      hold: this.#onHold,
      tell: (request) => this.#prompts.speak(request),
      close: () => this.close(),
    });
    const isSilenced = () => this.#screening?.isMuted === true || this.#onHold.isOn;
    this.#watch = new DeadAirWatch({
      limits: readDeadAirLimits(options.agent.dead_air),
      format: options.transport.format,
      isHeld: () => isSilenced() || !this.#media.isConnected,
      fill: () => this.#model.fill(),
      askAgain: () => this.#prompts.askAgain(),
      nextModel: () => this.#model.giveUpModel(),
      onCallerHeard: () => this.#model.holdTurn(),
    });
    this.#model = new ModelLeg(options, {
      line: this.#media,
      wrap: (model) => this.#prompts.wrap(model),
      watch: this.#watch,
      onEvent: (event) => this.#onModel(event),
      onSettled: () => this.#word.settled(),
      onLost: () => {
        this.#word.modelLost();
        void this.#prompts.openModel(this.#turns.modelLost());
      },
      onGone: () => this.hangUp('model-unavailable', 'agent'),
      fail: (error) => this.fail(error),
    });
    this.#turns = new SpokenTurns({
      journal: this.#journal,
      line: this.#media,
      model: this.#model,
      watch: this.#watch,
      onHeard: (replyIds) => {
        this.#farewell.repliesHeard(replyIds);
        this.#screening?.repliesHeard(replyIds);
        this.#onHold.replyHeard();
      },
    });
    const hangUp = () => this.hangUp('agent-hung-up', 'agent');
    const isHeardOut = () => this.#turns.isQuiet && this.#media.playedMs >= this.#media.sentMs;
    this.#farewell = new Farewell({ isQuiet: isHeardOut, onDone: hangUp });
    this.#keys = new KeyEntry({ ...options, keys: options.agent.keys, tell: (text) => this.#prompts.tell(text) });
    const legs = { media: this.#media, model: this.#model, turns: this.#turns, watch: this.#watch };
    const habits = { screening: this.#screening, keys: this.#keys, farewell: this.#farewell };
    const parts = { ...options, ...legs, ...habits, onHold: this.#onHold, transfers: this.#transfers };
    this.#prompts = new Prompts(parts);
    this.handOver = new HandOver(parts);
    this.#toolCalls = new ToolCalls({ ...parts, runner: options.tools, signal: this.#over.signal });
    this.#attendance = new Attendance({
      ...options,
      isQuiet: () => this.handOver.isUnnoticed && !this.#farewell.isUnderWay && isHeardOut(),
      isSilenced: () => isSilenced() || !this.#media.isConnected,
      speak: (request) => this.#prompts.speak(request),
      sayGoodbye: (request) => {
        this.#farewell.begin();
        this.#prompts.speak(request);
      },
      hangUp,
    });
    this.#word = createTurnTaking({ ...parts, attendance: this.#attendance, isSilenced });
    options.hold.listen({
      onLost: () => this.close(),
      // Neither the carrier nor the store is in reach from here: whoever sees both may serve the call. Who hangs up asks the carrier anew.
      onUnsure: () =>
        this.#media.isConnected || this.pursuit.isWorthwhile || this.#hangUp.isAsked || options.hold.doubt(),
    });
  }

  /** The carrier's socket is lost, or silent for so long that a newer one may take its place. */
  get takesSocket(): boolean {
    return this.#media.isReplaceable;
  }

  /** Closed; what it knows may still be on its way to the store. */
  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** Opens the model and lets the agent speak first. Resolves when it does, or when the call is over. */
  async start(): Promise<void> {
    const before = this.#journal.state;
    const { askedToEnd, handedOver } = before;
    const silentMs = (before.silentMs ?? 0) + performance.now() - this.#options.askedAt;
    if (handedOver !== undefined) {
      this.#model.continueCall(handedOver, silentMs);
      this.#word.lineCameBack();
    }
    this.#media.start();
    if (askedToEnd !== undefined) return this.hangUp(askedToEnd, 'agent');
    this.#attendance.start();
    if (this.#transfers?.resume() === 'left') return;
    await this.#prompts.begin(before, silentMs);
    await this.#toolCalls.takeOver();
  }

  /** The carrier opened its media socket again: the conversation goes on where it was heard. */
  replaceTransport(transport: MediaTransport): void {
    const goesOn = this.#options.isDirect?.() === true;
    if (!goesOn) this.#turns.cut();
    const breach = this.handOver.takeBack();
    this.#media.replace(transport, { goesOn });
    this.#options.hold.trust();
    this.#word.lineCameBack();
    if (breach !== undefined && !goesOn) this.#prompts.resume(breach);
  }

  /** Something that functions or another replica wrote about this call. */
  observe(event: CallEvent): void {
    if (!this.#journal.observe(event)) return;
    this.#transfers?.observe(event);
    if (event.type === 'call-ended' || event.type === 'transfer-started') this.close();
    if (event.type === 'hang-up-requested') this.#fallSilent();
    // The carrier opened the socket at another replica: the call lives there now.
    if (event.type === 'media-started' && event.replica !== this.#options.replica) this.#options.hold.lose();
    if (event.type === 'answered-by') this.#screening?.told(event.answeredBy);
  }

  /** Ends the call at the carrier, and then here; the agent says no more, however long the carrier takes. The first reason stands. */
  hangUp(reason: CallEndReason, by: 'agent' | 'operator'): void {
    if (this.isOver) return;
    this.#hangUp.ask(reason, by, this.#media.isConnected);
    this.#fallSilent();
  }

  /** Something of this call broke, and what else does nobody knows: the caller hears an apology, and the call ends. */
  fail(error: unknown): void {
    if (this.#hasFailed || this.isOver) return;
    this.#hasFailed = true;
    this.#options.log.error({ error }, 'something broke in this call: apologising and hanging up');
    this.#word.close();
    const end = () => this.hangUp('failed', 'agent');
    this.#model
      .giveUp()
      .then(end, end)
      .catch(() => this.close());
  }

  /** Idempotent. Leaves the call at the carrier as it is. */
  close(): void {
    if (this.isOver) return;
    this.#over.abort();
    this.#screening?.close();
    this.#fallSilent();
    closeAll([this.#media, this.handOver], this.#options.log);
    this.#journal.close();
    this.#ended.resolve();
  }

  #onMedia(event: MediaLegEvent): void {
    switch (event.type) {
      case 'audio':
        this.#screening?.hear(event.audio);
        this.#watch.hear(event.audio);
        this.#model.hear(event.audio);
        this.#word.hear(event.audio);
        return;
      case 'dtmf':
        this.#attendance.callerActed();
        this.#farewell.takeBack();
        this.#word.forget();
        this.#turns.keyPressed();
        this.#keys.press(event.digit);
        return;
      case 'played-out':
        this.#turns.settle();
        return;
      case 'overheard':
        if (this.#options.isDirect?.()) this.#turns.overheard(event.turns);
        return;
      default:
        event satisfies never;
    }
  }

  #onModel(event: ModelLegEvent): void {
    switch (event.type) {
      case 'caller-started-speaking':
        this.#word.callerStarted(event.turnId);
        return;
      case 'caller-stopped-speaking':
        this.#word.callerStopped(event.turnId);
        return;
      case 'reply-started':
        this.#farewell.replyStarted(event.replyId);
        this.#screening?.replyStarted(event.replyId);
        this.#turns.replyStarted(event.replyId);
        return;
      case 'audio':
        this.#turns.replySounded(event.replyId, event.audio);
        return;
      case 'reply-finished':
        this.#turns.replyFinished(event.replyId, event.outcome);
        return;
      case 'transcript':
        this.#word.transcript(event);
        if (event.role === 'caller') this.#hearWords(event);
        return;
      case 'tool-call':
        this.#toolCalls.run(event).catch((error) => this.fail(error));
        return;
      default:
        event satisfies never;
    }
  }

  /** For good. Whoever asked for the end, nobody is to be talked to any more. */
  #fallSilent(): void {
    this.#farewell.close();
    const ears = [this.pursuit, this.#transfers, this.#attendance, this.#watch, this.#keys, this.#word];
    closeAll([...ears, this.#turns, this.#model], this.#options.log);
  }

  #hearWords({ text, final }: Extract<ModelLegEvent, { type: 'transcript' }>): void {
    this.#screening?.hearText(text);
    // Late words of the turn before say nothing of the one that has begun.
    if (final && this.#watch.floor !== 'caller' && !this.#word.awaitsWords) this.#model.settleTurn();
  }
}
