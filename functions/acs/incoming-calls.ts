// Answers incoming calls of ACS, each once, however often and however late Event Grid tells of it.
import { createHash, randomUUID } from 'node:crypto';
import type { AgentRouting } from '../../shared/agents/agent-routing.ts';
import type { CallId } from '../../shared/call/call.ts';
import type { CallUrls } from '../../shared/dialling/call-urls.ts';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { BridgeLoads } from '../../shared/stores/bridge-loads.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import { spanNames } from '../../shared/telemetry/names.ts';
import { findTraceparent } from '../../shared/telemetry/trace-context.ts';
import { traceStep } from '../../shared/telemetry/traced-step.ts';
import { formatAcsParty } from '../../shared/telephony/acs-identifiers.ts';
import type { CallControl } from '../../shared/telephony/call-control.ts';
import { hasRoom } from '../bridge-room.ts';
import type { IncomingCallData } from './event-grid-messages.ts';
import type { AcsLinesBusy } from './lines-busy.ts';

/** ACS rings so long; afterwards there is nobody to answer. */
const ringMs = 30_000;
/** By which our clock may be wrong: ACS itself knows better whether a call still rings, and is asked. */
const clockOffMs = 5 * 60_000;
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
  /** Calls to any other are left alone: the agent's own transfer to a colleague at the same resource is one. Empty: all are ours. */
  readonly ourLines: readonly string[];
  /** Who answers. */
  readonly routing: Pick<AgentRouting, 'agentFor'>;
  readonly log: Logger;
}

export class AcsIncomingCalls {
  readonly #options: AcsIncomingCallsOptions;

  constructor(options: AcsIncomingCallsOptions) {
    this.#options = options;
  }

  /**
   * `at`: when it began to ring. Resolves once nothing is left to do; rejects when Event Grid should tell it again,
   * with CALL_IN_USE while another delivery of the same call is being answered. No store keeps a caller waiting.
   */
  async receive(data: IncomingCallData, at: number | undefined): Promise<void> {
    const { leases, ourLines, log: parent } = this.#options;
    const callId = createInboundAcsCallId(data);
    const log = parent.child({ callId });
    const line = formatAcsParty(data.to);
    if (ourLines.length > 0 && !ourLines.includes(line))
      return log.info({ pii: { line } }, 'incoming call to another line than ours: it is left alone');
    const claim = await leases.acquire(`answer/${callId}`, randomUUID(), claimMs).catch((error) => {
      if (error instanceof AppError && error.code === 'STORE_UNAVAILABLE') return 'no store' as const;
      throw error;
    });
    if (!claim) throw new AppError('CALL_IN_USE', 'this call is being answered now');
    // A claim that cannot be given back runs out by itself.
    const release = async () => {
      if (claim !== 'no store') await leases.release(claim).catch(() => {});
    };
    try {
      const isClaimed = claim !== 'no store';
      const written = await traceStep(spanNames.answer, callId, () =>
        this.#answer(callId, data, { at, isClaimed }, log),
      );
      // Where the answer could not be written down yet, the claim keeps a repeated delivery from answering again.
      if (written) await release();
    } catch (error) {
      await release();
      throw error;
    }
  }

  /** Resolves to whether all of it was written down. */
  async #answer(
    callId: CallId,
    data: IncomingCallData,
    { at, isClaimed }: { at: number | undefined; isClaimed: boolean },
    log: Logger,
  ): Promise<boolean> {
    const { ledger, bridgeLoads } = this.#options;
    const control = this.#getControl();
    // Told again, the first of these is no news; and of three questions to a slow store the caller waits for one.
    const [, known, isRoom] = await Promise.all([
      this.#noteCreated(callId, data),
      ledger.findLive(callId).catch(() => undefined),
      hasRoom(bridgeLoads),
    ]);
    if (known?.carrierCallId !== undefined || known?.phase === 'ended') {
      log.info('incoming call told again: nothing is left to do');
      return true;
    }

    const ageMs = findAgeMs(at);
    if (ageMs > ringMs + clockOffMs) {
      log.warn({ ageMs }, 'incoming call came too late to be answered');
      return this.#end(callId, 'no-answer', 'TOO_LATE');
    }
    let carrierCallId: string;
    try {
      if (!isRoom) return await this.#turnAway(control, callId, data, log);
      carrierCallId = await this.#pickUp(control, callId, data);
    } catch (error) {
      if (!(error instanceof AppError) || error.retryable) throw error;
      if (error.code !== 'CALL_GONE' && error.code !== 'CARRIER_REFUSED') throw error;
      return this.#giveUp(callId, error, isClaimed, log);
    }
    log.info({ ageMs }, 'incoming call answered');
    return this.#noteAccepted(callId, carrierCallId);
  }

  async #noteAccepted(callId: CallId, carrierCallId: string): Promise<boolean> {
    const accepted = { type: 'carrier-accepted', carrierCallId } as const;
    return (await this.#options.ledger.post(callId, accepted, { id: 'carrier-accepted' })) !== 'later';
  }

  #noteCreated(callId: CallId, data: IncomingCallData) {
    const { ledger, routing } = this.#options;
    const remoteParty = formatAcsParty(data.from);
    const ourNumber = formatAcsParty(data.to);
    const created = {
      type: 'call-created',
      carrier: 'acs',
      direction: 'inbound',
      remoteParty,
      ourNumber,
      agent: routing.agentFor(ourNumber),
      traceparent: findTraceparent(),
    } as const;
    return ledger.post(callId, created, { id: 'call-created' });
  }

  async #turnAway(control: CallControl, callId: CallId, data: IncomingCallData, log: Logger): Promise<boolean> {
    const { urls, linesBusy, routing } = this.#options;
    if (linesBusy?.findRecording(routing.agentFor(formatAcsParty(data.to))) === undefined) {
      await control.reject(data.incomingCallContext);
      log.warn('no bridge has room: an incoming call was not answered');
      return this.#end(callId, 'bridge-full', 'BRIDGE_FULL');
    }
    await linesBusy.decide(callId);
    const { incomingCallContext: incomingContext } = data;
    const callbackUrl = urls.callback('acs', callId);
    const carrierCallId = await control.answer({ callId, incomingContext, callbackUrl, mediaUrl: undefined });
    return this.#noteAccepted(callId, carrierCallId);
  }

  async #pickUp(control: CallControl, callId: CallId, data: IncomingCallData): Promise<string> {
    const { urls, routing } = this.#options;
    const agent = routing.agentFor(formatAcsParty(data.to));
    const mediaUrl = await urls.media({ callId, carrier: 'acs', direction: 'inbound', agent });
    const callbackUrl = urls.callback('acs', callId);
    return control.answer({ callId, incomingContext: data.incomingCallContext, callbackUrl, mediaUrl });
  }

  #getControl(): CallControl {
    const { control } = this.#options;
    if (control) return control;
    throw new AppError('NOT_CONFIGURED', { what: 'ACS, through which a call came in,' });
  }

  /**
   * An earlier try whose answer was lost may have succeeded: then the call has been named by a callback meanwhile. Without a
   * claim another process may have answered, and whatever becomes of the call is told by its carrier.
   */
  async #giveUp(callId: CallId, error: AppError, isClaimed: boolean, log: Logger): Promise<boolean> {
    const state = await this.#options.ledger.findLive(callId).catch(() => undefined);
    if (state?.carrierCallId !== undefined) {
      log.info('incoming call was answered by an earlier try');
      return true;
    }
    log.warn({ error }, 'incoming call could not be answered');
    if (!isClaimed) return true;
    return this.#end(callId, error.code === 'CALL_GONE' ? 'no-answer' : 'carrier-error', error.code);
  }

  async #end(callId: CallId, reason: 'no-answer' | 'carrier-error' | 'bridge-full', code: string): Promise<boolean> {
    const ended = { type: 'call-ended', reason, code } as const;
    return (await this.#options.ledger.post(callId, ended, { id: 'call-ended' })) !== 'later';
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
