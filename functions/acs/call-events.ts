// Writes down what Call Automation tells of a call, in whatever order and however often it tells it.
import { type CallId, findCallId } from '../../shared/call/call.ts';
import type { CallEvent, CallFact } from '../../shared/call/call-event.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import type { Logger } from '../../shared/logger.ts';
import { formatServiceWord } from '../../shared/service-word.ts';
import type { BridgeLoads } from '../../shared/stores/bridge-loads.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import type { CallStream } from '../../shared/stores/call-stream.ts';
import { formatAcsParty } from '../../shared/telephony/acs-identifiers.ts';
import type { CallControl } from '../../shared/telephony/call-control.ts';
import { pursueHangUp } from '../../shared/telephony/hang-up-pursuit.ts';
import { hasRoom } from '../bridge-room.ts';
import { findMediaAt } from '../media-resumption.ts';
import { type AcsCallback, findDigit } from './callback-messages.ts';
import { type CallBeforeEnd, readAcsEndReason } from './end-reasons.ts';
import type { AcsLinesBusy } from './lines-busy.ts';
import { AcsMediaRestarts } from './media-restarts.ts';

export interface AcsCallEventsOptions {
  readonly ledger: CallLedger;
  readonly stream: CallStream;
  readonly leases: CallLeases;
  readonly control: CallControl;
  readonly bridgeLoads: Pick<BridgeLoads, 'list'>;
  readonly linesBusy: AcsLinesBusy;
  readonly log: Logger;
}

/** We gave these up because ACS did not answer; it may have dialled all the same. */
const givenUp = new Set<CallState['endReason']>(['carrier-error', 'refused', 'failed']);

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
    const state = await this.#options.ledger.find(callId);
    if (state?.carrier !== 'acs') return log.warn('callback of a call that is not known');
    const { carrierCallId = event.callConnectionId } = state;
    if (carrierCallId === undefined || event.callConnectionId !== carrierCallId)
      return log.warn('callback of another connection than that of the call');
    await this.#apply(callId, carrierCallId, state, event, log);
  }

  async #apply(callId: CallId, carrierCallId: string, state: CallState, event: AcsCallback, log: Logger) {
    const note = (fact: CallFact, id = event.id) => this.#options.ledger.record(callId, fact, { id, at: event.at });
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
        const reason = readAcsEndReason(event.result, await this.#lookBack(callId, state));
        // A failed dialling is told twice: as CreateCallFailed and as CallDisconnected.
        const isNews = await note({ type: 'call-ended', reason, code: `${code}/${subCode}` }, 'call-ended');
        if (isNews) log.info({ reason, code, subCode }, 'call ended');
        return;
      }
      case 'PlayCompleted':
      case 'PlayFailed':
      case 'PlayCanceled':
        if (state.askedToEnd === 'bridge-full') await this.#options.linesBusy.hangUp(carrierCallId);
        return;
      case 'CallTransferAccepted':
        await note({ type: 'transfer-started', target: await this.#findTarget(callId, event) });
        await note({ type: 'transfer-answered' }, `${event.id}/answered`);
        return;
      case 'CallTransferFailed':
        await note({ type: 'transfer-failed', code: `${event.result.code}/${event.result.subCode}` });
        return;
      case 'ContinuousDtmfRecognitionToneReceived': {
        const digit = findDigit(event.tone);
        if (digit !== undefined) await note({ type: 'dtmf-received', digit });
        return;
      }
      case 'MediaStreamingFailed':
      case 'MediaStreamingStopped': {
        const over = state.phase === 'ended' || state.phase === 'transferring' || state.askedToEnd !== undefined;
        if (over) return;
        if (await this.#hasNoRoom(state)) {
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

  /** A call that had its media is worth some waiting: another bridge may take it over. */
  async #hasNoRoom({ callId }: CallState): Promise<boolean> {
    const { stream, bridgeLoads } = this.#options;
    return (await findMediaAt(stream, callId)) === undefined && !(await hasRoom(bridgeLoads));
  }

  async #lookBack(callId: CallId, state: CallState): Promise<CallBeforeEnd> {
    const { direction = 'inbound', connectedAt, isTransferred } = state;
    const events = await this.#options.stream.read(callId);
    const transfer = isTransferred ? 'accepted' : findPendingTransfer(events) ? 'asked' : 'none';
    // Where the stream lost its beginning, `state` is the history's, which may be older than who asked for the end.
    const askedToEnd = state.askedToEnd ?? events.find((event) => event.type === 'hang-up-requested')?.reason;
    return { askedToEnd, direction, transfer, connected: connectedAt !== undefined };
  }

  /** By the name that was asked for, where it is known: the number is nobody's business. */
  async #findTarget(callId: CallId, event: AcsCallback): Promise<string> {
    const pending = findPendingTransfer(await this.#options.stream.read(callId));
    return pending?.target ?? (event.transferTarget === undefined ? 'unknown' : formatAcsParty(event.transferTarget));
  }

  async #hangUp(carrierCallId: string, log: Logger): Promise<void> {
    log.warn('a call that had been given up was connected: it is hung up');
    const { control } = this.#options;
    await pursueHangUp({ hangUp: () => control.hangUp(carrierCallId) }, { limitMs: hangUpLimitMs });
  }
}

function findPendingTransfer(events: readonly CallEvent[]) {
  const last = events.findLast(({ type }) => type === 'transfer-requested' || type === 'transfer-failed');
  return last?.type === 'transfer-requested' ? last : undefined;
}
