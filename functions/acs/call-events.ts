// Writes down what Call Automation tells of a call, in whatever order and however often it tells it.
import { type CallId, findCallId, findDirection } from '../../shared/call/call.ts';
import type { CallFact } from '../../shared/call/call-event.ts';
import { type CallState, newCallState } from '../../shared/call/call-state.ts';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { formatServiceWord } from '../../shared/service-word.ts';
import type { BridgeLoads } from '../../shared/stores/bridge-loads.ts';
import { formatAcsParty } from '../../shared/telephony/acs-identifiers.ts';
import { pursueHangUp } from '../../shared/telephony/hang-up-pursuit.ts';
import { pause } from '../../shared/within.ts';
import { hasRoom } from '../bridge-room.ts';
import type { Consultations } from '../consultations.ts';
import { type AcsCallback, findDigit } from './callback-messages.ts';
import { type CallBeforeEnd, readAcsEndReason, readAcsTransferOutcome } from './end-reasons.ts';
import type { AcsLinesBusy } from './lines-busy.ts';
import { AcsMediaRestarts, type AcsMediaRestartsOptions } from './media-restarts.ts';

export interface AcsCallEventsOptions extends AcsMediaRestartsOptions {
  readonly bridgeLoads: Pick<BridgeLoads, 'list'>;
  readonly linesBusy: AcsLinesBusy;
  readonly consultations: Consultations;
  readonly log: Logger;
}

/** We gave these up because ACS did not answer; it may have dialled all the same. */
const givenUp = new Set<CallState['endReason']>(['carrier-error', 'refused', 'failed']);

/** Within a second, as a rule; the caller waits in silence. */
const joinLimitMs = 3_000;

/** ACS waits for our answer meanwhile. */
const hangUpLimitMs = 15_000;

export class AcsCallEvents {
  readonly #options: AcsCallEventsOptions;
  readonly #restarts: AcsMediaRestarts;

  constructor(options: AcsCallEventsOptions) {
    this.#options = options;
    this.#restarts = new AcsMediaRestarts(options);
  }

  /** Without `given` the call is the one that we named as the operation's context. Rejects when ACS should tell it again. */
  async receive(given: CallId | undefined, event: AcsCallback): Promise<void> {
    const callId = given ?? findCallId(event.operationContext ?? '');
    const log = this.#options.log.child({ callId, eventType: formatServiceWord(event.type), eventId: event.id });
    if (!callId) return log.warn('callback of no call of ours');
    const state = await this.#find(callId);
    if (state?.carrier !== 'acs') return log.warn('callback of a call that is not known');
    const { carrierCallId = event.callConnectionId } = state;
    if (carrierCallId === undefined || event.callConnectionId !== carrierCallId)
      return log.warn('callback of another connection than that of the call');
    await this.#apply(callId, carrierCallId, state, event, log);
  }

  async #apply(callId: CallId, carrierCallId: string, state: CallState, event: AcsCallback, log: Logger) {
    const note = (fact: CallFact, id = event.id) => this.#options.ledger.post(callId, fact, { id, at: event.at });
    switch (event.type) {
      case 'CallConnected':
        // Its first callback may be faster than the answer to our own request, or all that is left of it.
        await note({ type: 'carrier-accepted', carrierCallId }, 'carrier-accepted');
        await note({ type: 'call-connected' }, 'call-connected');
        if (state.askedToEnd === 'bridge-full') await this.#options.linesBusy.tell(carrierCallId, state, log);
        if (state.direction === 'outbound' && givenUp.has(state.endReason)) await this.#hangUp(carrierCallId, log);
        return;
      case 'CallDisconnected':
      case 'CreateCallFailed':
      case 'AnswerFailed': {
        const { code, subCode } = event.result;
        const reason = readAcsEndReason(event.result, lookBack(state));
        // A failed dialling is told twice: as CreateCallFailed and as CallDisconnected.
        const delivery = await note({ type: 'call-ended', reason, code: `${code}/${subCode}` }, 'call-ended');
        if (delivery !== 'known') log.info({ reason, code, subCode }, 'call ended');
        if (state.consultation) await this.#options.consultations.callerLeft(callId);
        return;
      }
      case 'PlayCompleted':
      case 'PlayFailed':
      case 'PlayCanceled':
        if (state.askedToEnd === 'bridge-full') await this.#options.linesBusy.hangUp(carrierCallId);
        return;
      case 'CallTransferAccepted':
        await note({ type: 'transfer-started', target: findTarget(state, event) });
        await note({ type: 'transfer-answered' }, `${event.id}/answered`);
        return;
      case 'CallTransferFailed':
      case 'MoveParticipantFailed': {
        const { code, subCode } = event.result;
        const outcome = readAcsTransferOutcome(event.result);
        await note({ type: 'transfer-failed', code: `${code}/${subCode}`, outcome });
        return;
      }
      case 'MoveParticipantSucceeded':
        await note({ type: 'transfer-answered' }, `${event.id}/answered`);
        // Whoever left at once was told of before we knew that they had come.
        await this.#endIfDeserted(carrierCallId, { ...state, isTransferred: true }, log);
        return;
      case 'ParticipantsUpdated':
        if (event.phones < 2) await this.#endIfDeserted(carrierCallId, state, log);
        return;
      case 'ContinuousDtmfRecognitionToneReceived': {
        const digit = findDigit(event.tone);
        // What is told the model as a secret is told nobody else.
        const shown = state.keysAsked?.sensitive ? '•' : digit;
        if (shown !== undefined) await note({ type: 'dtmf-received', digit: shown });
        return;
      }
      case 'MediaStreamingFailed':
      case 'MediaStreamingStopped': {
        if (await this.#isBeingJoined(callId, state)) return;
        const isHandedOver = state.phase === 'transferring' && (!state.consultation || state.isTransferred);
        const over = state.phase === 'ended' || isHandedOver || state.askedToEnd !== undefined;
        if (over) return;
        if (state.mediaAt === undefined && !(await hasRoom(this.#options.bridgeLoads))) {
          // A call that had its media is worth some waiting: another bridge may take it over.
          await this.#options.linesBusy.decide(callId);
          return this.#options.linesBusy.tell(carrierCallId, state, log);
        }
        await this.#restarts.restart({ callId, carrierCallId, eventId: event.id }, log);
        return;
      }
      default:
        log.debug({ count: 1 }, 'callback of no consequence');
    }
  }

  /**
   * ACS calls back once, perhaps, and what it tells must not get lost while no store can say what it is about: it called back
   * at an address, or with a name, that we gave to one call.
   */
  async #find(callId: CallId): Promise<CallState | undefined> {
    try {
      return await this.#options.ledger.find(callId);
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'STORE_UNAVAILABLE')) throw error;
      return { ...newCallState(callId), carrier: 'acs', direction: findDirection(callId) };
    }
  }

  /** Two people talk without us; when one of them has gone, the other need not wait. Events come in any order: ACS is asked. */
  async #endIfDeserted(carrierCallId: string, { isTransferred, consultation }: CallState, log: Logger): Promise<void> {
    if (!isTransferred || !consultation) return;
    const people = await this.#options.control.countPeople(carrierCallId);
    if (people !== undefined && people < 2) await this.#hangUp(carrierCallId, log);
  }

  /** The bridge has left, or died, while the person is brought to the caller: whether they came is told soon. */
  async #isBeingJoined(callId: CallId, { phase, consultation, isTransferred }: CallState): Promise<boolean> {
    if (phase !== 'transferring' || !consultation) return false;
    if (isTransferred) return true;
    await pause(joinLimitMs);
    const now = await this.#find(callId);
    return now?.phase === 'ended' || now?.isTransferred === true;
  }

  async #hangUp(carrierCallId: string, log: Logger): Promise<void> {
    log.warn('a call that nobody needs any more goes on: it is hung up');
    const { control } = this.#options;
    await pursueHangUp({ hangUp: () => control.hangUp(carrierCallId) }, { limitMs: hangUpLimitMs });
  }
}

function lookBack({
  askedToEnd,
  direction = 'inbound',
  connectedAt,
  isTransferred,
  transferAsked,
}: CallState): CallBeforeEnd {
  const transfer = isTransferred ? 'accepted' : transferAsked === undefined ? 'none' : 'asked';
  return { askedToEnd, direction, transfer, connected: connectedAt !== undefined };
}

/** By the name that was asked for, where it is known: the number is nobody's business. */
function findTarget({ transferAsked }: CallState, { transferTarget }: AcsCallback): string {
  return transferAsked ?? (transferTarget === undefined ? 'unknown' : formatAcsParty(transferTarget));
}
