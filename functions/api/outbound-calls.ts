// Places calls: asks the dial guard, writes the call down, has the carrier dial, and ends the call if it would not.
import { createHash, randomUUID } from 'node:crypto';
import type { AgentProfiles } from '../../shared/agents/agent.ts';
import type { DialOrder, PlacedCall } from '../../shared/api.ts';
import type { CallEndReason, CallId, Carrier } from '../../shared/call/call.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import { AppError, type ErrorCode, errorCatalogue } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import type { CallStream } from '../../shared/stores/call-stream.ts';
import type { CallControl } from '../../shared/telephony/call-control.ts';
import type { DialGuard } from '../../shared/telephony/dial-guard.ts';
import type { CallUrls } from '../call-urls.ts';
import { countLiveOutboundCalls } from './live-calls.ts';

/** Longer than voicemail takes to pick up. */
const ringTimeoutSeconds = 45;
/** The most recent calls that are looked at when live ones are counted: each is a read, and a cap is a dozen calls. */
const recentCallLimit = 200;

/** One carrier as far as dialling goes. */
export interface OutboundLine {
  readonly control: CallControl;
  /** Our number, which the callee sees. Undefined: the carrier is set up for incoming calls only. */
  readonly number: string | undefined;
}

export interface OutboundCallsOptions {
  readonly ledger: CallLedger;
  readonly stream: CallStream;
  readonly guard: Pick<DialGuard, 'check'>;
  readonly lines: ReadonlyMap<Carrier, OutboundLine>;
  readonly agents: AgentProfiles;
  readonly defaultAgent: string;
  readonly urls: CallUrls;
  readonly log: Logger;
  readonly now?: () => number;
}

export class OutboundCalls {
  readonly #options: OutboundCallsOptions;
  readonly #now: () => number;

  constructor(options: OutboundCallsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /**
   * `repeated`: the order's key had been used, and nothing was dialled now. `usualAgent` calls if the order names none and
   * there is such an agent.
   */
  async place(order: DialOrder, usualAgent?: string): Promise<{ call: PlacedCall; repeated: boolean }> {
    const { guard, ledger, stream, agents, defaultAgent } = this.#options;
    const agent = order.agent ?? (usualAgent !== undefined && agents.has(usualAgent) ? usualAgent : defaultAgent);
    if (!agents.has(agent)) throw new AppError('UNKNOWN_AGENT', `there is no agent "${agent.slice(0, 64)}"`);
    const { carrier, control, number: from } = this.#pickLine(order.carrier);

    const callId = createOutboundCallId(order.idempotencyKey);
    const before = order.idempotencyKey === undefined ? undefined : await ledger.find(callId);
    if (before) return { call: repeatAnswer(before, order.to), repeated: true };

    const at = this.#now();
    const live = await countLiveOutboundCalls({ stream, ledger }, { limit: recentCallLimit, now: at });
    const { number: to } = await guard.check({ to: order.to, live, at: new Date(at) });
    const { model, context } = order;
    const added = await ledger.record(
      callId,
      { type: 'call-created', carrier, direction: 'outbound', remoteParty: to, ourNumber: from, agent, model, context },
      { id: 'call-created', at },
    );
    if (!added) return { call: formatPlaced(callId, to), repeated: true };
    const carrierCallId = await this.#dial(control, { callId, to, from, agent, model });
    const placed = formatPlaced(callId, to);
    return { call: carrier === 'twilio' ? { ...placed, twilio_sid: carrierCallId } : placed, repeated: false };
  }

  #pickLine(wanted: Carrier | undefined): { carrier: Carrier; control: CallControl; number: string } {
    for (const [carrier, { control, number }] of this.#options.lines) {
      if (number !== undefined && (wanted === undefined || wanted === carrier)) return { carrier, control, number };
    }
    const which = wanted ?? 'any carrier';
    throw new AppError(
      'NOT_CONFIGURED',
      `calls cannot be placed through ${which}: its settings or its number is missing`,
    );
  }

  async #dial(
    control: CallControl,
    call: { callId: CallId; to: string; from: string; agent: string; model: DialOrder['model'] },
  ): Promise<string> {
    const { ledger, urls, log } = this.#options;
    const { callId, to, from, agent, model } = call;
    const { carrier } = control;
    let carrierCallId: string;
    try {
      const mediaUrl = await urls.media({ callId, carrier, direction: 'outbound', agent, model });
      const callbackUrl = urls.callback(carrier, callId);
      carrierCallId = await control.dial({ callId, to, from, callbackUrl, mediaUrl, ringTimeoutSeconds });
    } catch (error) {
      const code = error instanceof AppError ? error.code : undefined;
      const ended = { type: 'call-ended', reason: readFailure(code), code } as const;
      await ledger.record(callId, ended, { id: 'call-ended' }).catch((storeError: unknown) => {
        log.error({ callId, error: storeError }, 'a failed dialling could not be written down');
      });
      throw error;
    }
    log.info({ callId, carrier, agent }, 'call placed');
    try {
      await ledger.record(callId, { type: 'carrier-accepted', carrierCallId }, { id: 'carrier-accepted' });
    } catch (error) {
      log.error({ callId, error }, 'a placed call could not be written down: its first callback will');
    }
    return carrierCallId;
  }
}

/** A key of the client's own names the call, so that each process finds the same one. */
function createOutboundCallId(idempotencyKey: string | undefined): CallId {
  if (idempotencyKey === undefined) return `out-${randomUUID()}` as CallId;
  return `out-${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32)}` as CallId;
}

function formatPlaced(callId: CallId, number: string): PlacedCall {
  return { call_id: callId, status: 'dialling', message: 'the call is being placed', number };
}

/** The same answer as the first time, a refusal by the carrier included. */
function repeatAnswer(call: CallState, to: string): PlacedCall {
  if (call.remoteParty === undefined || to.replace(/[^\d+]/g, '') !== call.remoteParty)
    throw new AppError('BAD_REQUEST', 'idempotency_key: was used for a call to another number');
  const { carrierCallId, endCode } = call;
  if (call.phase === 'ended' && carrierCallId === undefined && endCode !== undefined && endCode in errorCatalogue)
    throw new AppError(endCode as ErrorCode, 'this call was asked for before and could not be placed');
  const placed = formatPlaced(call.callId, call.remoteParty);
  return call.carrier === 'twilio' && carrierCallId !== undefined ? { ...placed, twilio_sid: carrierCallId } : placed;
}

function readFailure(code: ErrorCode | undefined): CallEndReason {
  if (code === 'BAD_NUMBER') return 'invalid-number';
  if (code === 'CARRIER_REFUSED') return 'refused';
  return code === 'CARRIER_UNAVAILABLE' ? 'carrier-error' : 'failed';
}
