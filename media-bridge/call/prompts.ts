// What the agent is asked to say by us, not by the caller: as it begins, as it goes on after a breach, and out of turn.
import type { CallState } from '../../shared/call/call-state.ts';
import type { ReplyRequest, VoiceModel } from '../voice-models/voice-model.ts';
import type { AnswerScreening } from './answering/answer-screening.ts';
import type { CallJournal } from './call-journal.ts';
import type { ModelLeg } from './model-leg.ts';
import {
  type Breach,
  createGreeting,
  createOpening,
  createResumption,
  findBreach,
  type ServedAgent,
} from './openings.ts';
import type { SpokenTurns } from './spoken-turns.ts';
import type { CallerHold } from './transfer/caller-hold.ts';
import type { Transfers } from './transfer/transfers.ts';

/** A call is between two sockets for some tenths of a second. What a caller says or presses in a longer gap is lost, and nobody answers it. */
const unnoticedMs = 800;

export interface PromptsOptions {
  readonly agent: ServedAgent;
  readonly journal: Pick<CallJournal, 'state'>;
  readonly model: Pick<ModelLeg, 'open' | 'holdsTurn' | 'settleTurn' | 'requestReply' | 'askAgain' | 'sendText'>;
  readonly turns: Pick<SpokenTurns, 'oweReply' | 'cut'>;
  readonly screening: Pick<AnswerScreening, 'wrap'> | undefined;
  readonly onHold: Pick<CallerHold, 'isOn' | 'wrap'>;
  readonly transfers: Pick<Transfers, 'opening'> | undefined;
  isDirect?(): boolean;
}

export class Prompts {
  readonly #options: PromptsOptions;

  constructor(options: PromptsOptions) {
    this.#options = options;
  }

  /** Whoever may keep the agent silent stands between the call and each of its models. */
  wrap(model: VoiceModel): VoiceModel {
    const { screening, onHold, transfers } = this.#options;
    const screened = screening?.wrap(model) ?? model;
    return transfers ? onHold.wrap(screened) : screened;
  }

  /** Out of turn. */
  speak(request: ReplyRequest): void {
    this.#options.turns.oweReply();
    this.#options.model.requestReply(request);
  }

  /** Something that the caller did without speaking; the agent answers. */
  tell(text: string): void {
    this.#options.turns.oweReply();
    this.#options.model.sendText(text);
  }

  /** The call comes to this replica, for the first time or from another one, which may have given it away: `before` its line was here. */
  begin(before: CallState, silentMs: number): Promise<void> {
    const { model, isDirect } = this.#options;
    const { modelAt, turns, handedOver, handedOverAt = Date.now() } = before;
    // Who hears the model past the bridge has noticed nothing, and goes on with the one that there is.
    if (isDirect?.() && modelAt !== undefined) return model.open(undefined);
    const wasNoticed = handedOver === undefined || Date.now() - handedOverAt > unnoticedMs;
    return this.openModel(wasNoticed ? 'line-was-dead' : findBreach(handedOver, turns), silentMs);
  }

  /** The first model, and every later one; `silentMs`: for how long the line was silent before. */
  openModel(breach: Breach | undefined, silentMs = 0): Promise<void> {
    const { journal, model, turns, onHold, transfers } = this.#options;
    // Whoever is greeted now has said nothing yet that has to be answered.
    if (journal.state.turns.length === 0) model.settleTurn();
    const opening = onHold.isOn ? undefined : (transfers?.opening ?? this.#createOpening(breach));
    if (opening || breach) turns.oweReply(silentMs);
    return model.open(opening);
  }

  /** The carrier's line is here again. */
  resume(breach: Breach): void {
    const { agent, journal, model, turns } = this.#options;
    turns.oweReply();
    // Who was not greeted yet has noticed no interruption. A reply that is being made would come as well.
    model.askAgain(journal.state.turns.length === 0 ? createGreeting(agent) : createResumption(breach));
  }

  /** Of the same model, which owes it for too long. */
  askAgain(): void {
    const { agent, journal, model, turns, transfers } = this.#options;
    turns.oweReply();
    turns.cut({ spares: 'fillers' });
    const request = transfers?.opening ?? createOpening(agent, journal.state.turns, 'answer-overdue');
    if (request) model.askAgain(request);
  }

  /** A model that hears the whole turn answers it by itself. */
  #createOpening(breach: Breach | undefined): ReplyRequest | undefined {
    const { agent, journal, model } = this.#options;
    return model.holdsTurn ? undefined : createOpening(agent, journal.state.turns, breach);
  }
}
