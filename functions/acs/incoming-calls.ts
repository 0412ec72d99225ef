// Answers incoming calls of ACS, each once, however often and however late Event Grid tells of it.
import { createHash, randomUUID } from 'node:crypto';
import type { CallId } from '../../shared/call/call.ts';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { BridgeLoads } from '../../shared/stores/bridge-loads.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import { formatAcsParty } from '../../shared/telephony/acs-identifiers.ts';
import type { CallControl } from '../../shared/telephony/call-control.ts';
import { hasRoom } from '../bridge-room.ts';
import type { CallUrls } from '../call-urls.ts';
import type { IncomingCallData } from './event-grid-messages.ts';
import type { AcsLinesBusy } from './lines-busy.ts';

/** ACS rings so long; afterwards there is nobody to answer. */
const ringMs = 30_000;
/** Longer than an answer may take with its retries; as long as Event Grid waits before it tells the same again. */
const claimMs = 10_000;

export interface AcsIncomingCallsOptions {
  readonly ledger: CallLedger;
  readonly leases: CallLeases;
  /** Undefined where no ACS resource is configured. */
  readonly control: CallControl | undefined;
  readonly urls: CallUrls;
  readonly bridgeLoads: Pick<BridgeLoads, 'list'>;
  /** Undefined: callers for whom no bridge has room hear the busy signal. */
  readonly linesBusy: AcsLinesBusy | undefined;
  /** Calls to any other are left alone: the agent's own transfer to a colleague at the same resource is one. Undefined: all are ours. */
  readonly ourNumber: string | undefined;
  /** Who answers. */
  readonly agent: string;
  readonly log: Logger;
}

export class AcsIncomingCalls {
  readonly #options: AcsIncomingCallsOptions;

  constructor(options: AcsIncomingCallsOptions) {
    this.#options = options;
  }

  /**
   * `at`: when it began to ring. Resolves once nothing is left to do; rejects when Event Grid should tell it again,
   * with CALL_IN_USE while another delivery of the same call is being answered.
   */
  async receive(data: IncomingCallData, at: number | undefined): Promise<void> {
    const { ledger, leases, ourNumber, log: parent } = this.#options;
    const callId = createInboundAcsCallId(data);
    const log = parent.child({ callId });
    const line = formatAcsParty(data.to);
    if (ourNumber !== undefined && line !== ourNumber)
      return log.info({ pii: { line } }, 'incoming call to another line than ours: it is left alone');
    const claim = await leases.acquire(`answer/${callId}`, randomUUID(), claimMs).catch((error) => {
      if (error instanceof AppError && error.code === 'STORE_UNAVAILABLE') return 'no store' as const;
      throw error;
    });
    if (claim === 'no store') return this.#answerUnwritten(callId, data, at, log);
    if (!claim) throw new AppError('CALL_IN_USE', 'this call is being answered now');
    // A claim that cannot be given back runs out by itself.
    const release = () => leases.release(claim).catch(() => {});
    try {
      const known = await ledger.find(callId);
      const settled = known?.carrierCallId !== undefined || known?.phase === 'ended';
      if (settled) log.info('incoming call told again: nothing is left to do');
      const written = settled || (await this.#answer(callId, data, at, log));
      // Where the answer could not be written down, the claim still keeps a repeated delivery from answering again.
      if (written) await release();
    } catch (error) {
      await release();
      throw error;
    }
  }

  /** Resolves to whether all of it was written down. */
  async #answer(callId: CallId, data: IncomingCallData, at: number | undefined, log: Logger): Promise<boolean> {
    const { ledger, agent } = this.#options;
    const control = this.#getControl();
    const remoteParty = formatAcsParty(data.from);
    const ourNumber = formatAcsParty(data.to);
    const created = {
      type: 'call-created',
      carrier: 'acs',
      direction: 'inbound',
      remoteParty,
      ourNumber,
      agent,
    } as const;
    await ledger.record(callId, created, { id: 'call-created' });

    const ageMs = findAgeMs(at);
    if (ageMs > ringMs) {
      log.warn({ ageMs }, 'incoming call came too late to be answered');
      await this.#end(callId, 'no-answer', 'TOO_LATE');
      return true;
    }
    let carrierCallId: string;
    try {
      if (!(await hasRoom(this.#options.bridgeLoads))) return await this.#turnAway(control, callId, data, log);
      carrierCallId = await this.#pickUp(control, callId, data);
    } catch (error) {
      if (!(error instanceof AppError) || error.retryable) throw error;
      if (error.code !== 'CALL_GONE' && error.code !== 'CARRIER_REFUSED') throw error;
      await this.#giveUp(callId, error, log);
      return true;
    }
    log.info({ ageMs }, 'incoming call answered');
    try {
      await ledger.record(callId, { type: 'carrier-accepted', carrierCallId }, { id: 'carrier-accepted' });
      return true;
    } catch (error) {
      log.error({ error }, 'an answered call could not be written down: its first callback will');
      return false;
    }
  }

  /** Resolves to true: all of it is written down. */
  async #turnAway(control: CallControl, callId: CallId, data: IncomingCallData, log: Logger): Promise<boolean> {
    const { ledger, urls, linesBusy, agent } = this.#options;
    if (linesBusy?.findRecording(agent) === undefined) {
      await control.reject(data.incomingCallContext);
      log.warn('no bridge has room: an incoming call was not answered');
      await this.#end(callId, 'bridge-full', 'BRIDGE_FULL');
      return true;
    }
    await linesBusy.decide(callId);
    const { incomingCallContext: incomingContext } = data;
    const callbackUrl = urls.callback('acs', callId);
    const carrierCallId = await control.answer({ callId, incomingContext, callbackUrl, mediaUrl: undefined });
    await ledger.record(callId, { type: 'carrier-accepted', carrierCallId }, { id: 'carrier-accepted' });
    return true;
  }

  /**
   * A caller is worth more than a record: the bridge introduces the call when the store is back. A second delivery answers
   * again, which ACS refuses.
   */
  async #answerUnwritten(callId: CallId, data: IncomingCallData, at: number | undefined, log: Logger): Promise<void> {
    if (findAgeMs(at) > ringMs) return log.warn('incoming call came too late to be answered');
    try {
      await this.#pickUp(this.#getControl(), callId, data);
      log.error('incoming call answered without a store: nothing of it is written down yet');
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'CALL_GONE') throw error;
      log.info('incoming call told again: it is answered or over');
    }
  }

  async #pickUp(control: CallControl, callId: CallId, data: IncomingCallData): Promise<string> {
    const { urls, agent } = this.#options;
    const mediaUrl = await urls.media({ callId, carrier: 'acs', direction: 'inbound', agent });
    const callbackUrl = urls.callback('acs', callId);
    return control.answer({ callId, incomingContext: data.incomingCallContext, callbackUrl, mediaUrl });
  }

  #getControl(): CallControl {
    const { control } = this.#options;
    if (control) return control;
    throw new AppError('NOT_CONFIGURED', { what: 'ACS, through which a call came in,' });
  }

  /** An earlier try whose answer was lost may have succeeded: then the call has been named by a callback meanwhile. */
  async #giveUp(callId: CallId, error: AppError, log: Logger): Promise<void> {
    const state = await this.#options.ledger.find(callId);
    if (state?.carrierCallId !== undefined) return log.info('incoming call was answered by an earlier try');
    log.warn({ error }, 'incoming call could not be answered');
    await this.#end(callId, error.code === 'CALL_GONE' ? 'no-answer' : 'carrier-error', error.code);
  }

  async #end(callId: CallId, reason: 'no-answer' | 'carrier-error' | 'bridge-full', code: string): Promise<void> {
    await this.#options.ledger.record(callId, { type: 'call-ended', reason, code }, { id: 'call-ended' });
  }
}

/** Of a call that began to ring at that time; none where Event Grid does not say when. */
function findAgeMs(at: number | undefined): number {
  return at === undefined ? 0 : Date.now() - at;
}

/** The same for each delivery of one call, in each process. A transfer back to us keeps the correlation, not the server call. */
export function createInboundAcsCallId({ correlationId, serverCallId }: IncomingCallData): CallId {
  const digest = createHash('sha256').update(`acs|${correlationId}|${serverCallId}`).digest('hex');
  return `in-${digest.slice(0, 32)}` as CallId;
}
