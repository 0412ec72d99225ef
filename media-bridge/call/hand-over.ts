// A live call's way from this replica to another one: when it may go unnoticed, and how the carrier is asked for it.
import type { Floor } from '../../shared/call/call.ts';
import type { Logger } from '../../shared/logger.ts';
import type { AnswerScreening } from './answering/answer-screening.ts';
import type { CallJournal } from './call-journal.ts';
import type { DeadAirWatch } from './dead-air/dead-air-watch.ts';
import type { Farewell } from './farewell.ts';
import type { KeyPresses } from './key-presses.ts';
import type { MediaLeg, Parting } from './media-leg.ts';
import type { ModelLeg } from './model-leg.ts';
import { type Breach, findBreach } from './openings.ts';
import type { SpokenTurns } from './spoken-turns.ts';

/** The next replica knows what was said up to here. A store that takes longer tells it while the caller's line is opened. */
const catchUpMs = 500;
/** A carrier that has taken the request and does nothing for so long may be asked again. */
const closesWithinMs = 5_000;
/** Functions have the carrier open the next socket at once; after so long without one it is asked from here, while the call waits. */
const pursueEveryMs = 1_000;

export interface HandOverOptions {
  readonly journal: Pick<CallJournal, 'state' | 'catchUp'>;
  readonly media: Pick<MediaLeg, 'isConnected' | 'letGo'>;
  readonly model: Pick<ModelLeg, 'model' | 'holdsTurn'>;
  readonly turns: Pick<SpokenTurns, 'isQuiet' | 'cut'>;
  readonly watch: Pick<DeadAirWatch, 'floor' | 'unnoticedMs' | 'silentMs'>;
  readonly keys: Pick<KeyPresses, 'isPending'>;
  readonly farewell: Pick<Farewell, 'isUnderWay'>;
  readonly screening: Pick<AnswerScreening, 'isUnderWay'> | undefined;
  readonly log: Logger;
  /** Has the carrier close the media socket and open another one, which comes to a replica that is ready. */
  replaceMedia(): Promise<unknown>;
  /** Has it open one where there is none. */
  restartMedia(): Promise<unknown>;
}

export class HandOver {
  readonly #options: HandOverOptions;
  #pursuit: NodeJS.Timeout | undefined;
  #patience: NodeJS.Timeout | undefined;
  #isUnderWay = false;
  #left: Floor | undefined;

  constructor(options: HandOverOptions) {
    this.#options = options;
  }

  /** The carrier was asked, and has not refused. */
  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** A call with a line that is not about to end anyhow. */
  get isPossible(): boolean {
    const { journal, media, farewell } = this.#options;
    return media.isConnected && !farewell.isUnderWay && journal.state.askedToEnd === undefined && !this.#isUnderWay;
  }

  /** Nobody speaks or waits, and nothing is half said: the caller notices nothing. */
  get isUnnoticed(): boolean {
    const { journal, model, turns, watch, keys, screening } = this.#options;
    const { transferAsked, consultation } = journal.state;
    const isSilent = watch.floor === 'nobody' && turns.isQuiet && !keys.isPending && !screening?.isUnderWay;
    const isUnderstood = model.model !== undefined && !model.holdsTurn;
    return isSilent && isUnderstood && transferAsked === undefined && consultation === undefined;
  }

  /** Rejects when the carrier does not do it now: the call goes on here. */
  async begin(): Promise<void> {
    const { media, journal, replaceMedia } = this.#options;
    this.#isUnderWay = true;
    media.letGo(() => this.#leave());
    try {
      await journal.catchUp(catchUpMs);
      await replaceMedia();
      this.#patience = setTimeout(() => {
        this.#isUnderWay = !media.isConnected;
      }, closesWithinMs);
    } catch (error) {
      // A carrier whose refusal was a lost answer may have closed the socket.
      if (media.isConnected) this.#isUnderWay = false;
      throw error;
    }
  }

  /** The carrier's next socket came here again. What the caller noticed; undefined: nothing. */
  takeBack(): Breach | undefined {
    const left = this.#left;
    this.close();
    this.#isUnderWay = false;
    this.#left = undefined;
    return left === undefined ? 'line-was-dead' : findBreach(left, this.#options.journal.state.turns);
  }

  /** Idempotent. */
  close(): void {
    clearInterval(this.#pursuit);
    clearTimeout(this.#patience);
  }

  #leave(): Parting {
    const { turns, log, restartMedia } = this.#options;
    this.#left = this.#floor;
    const silentMs = Math.round(this.#options.watch.silentMs);
    turns.cut();
    this.#pursuit = setInterval(() => {
      restartMedia().catch((error) => log.warn({ error }, 'the carrier does not bring a call to another replica yet'));
    }, pursueEveryMs);
    return { handedOver: this.#left, silentMs };
  }

  /** A carrier that takes its time closes the socket when somebody speaks again, of whom no model may know yet. */
  get #floor(): Floor {
    const { turns, watch, keys } = this.#options;
    if (watch.floor !== 'nobody') return watch.floor;
    // Of keys that are not told yet no other replica can know: the agent asks for them again.
    if (!turns.isQuiet || keys.isPending) return 'agent';
    return watch.unnoticedMs > 0 ? 'caller' : 'nobody';
  }
}
