// Takes orders for calls: one order is one call, however often and by however many requests it is given.
import { createHash, randomUUID } from 'node:crypto';
import type { AgentProfiles } from '../../shared/agents/agent.ts';
import type { CallRequest, PlacedCall } from '../../shared/api.ts';
import type { CallId } from '../../shared/call/call.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import type { CallDialler, DialPlan } from '../../shared/dialling/call-dialler.ts';
import { AppError } from '../../shared/errors.ts';
import type { BridgeLoads } from '../../shared/stores/bridge-loads.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import { createOtherNumberError, type DialGuard } from '../../shared/telephony/dial-guard.ts';
import { parseDialTarget } from '../../shared/telephony/dial-target.ts';
import { hasRoom } from '../bridge-room.ts';
import { type OutboundLines, pickLine } from './outbound-lines.ts';
import { formatPlacedCall, formatRepeatedCall, isSettled } from './placed-call.ts';

/** A phone that was rung has been answered or given up by then, and something was told of it. */
const unheardOfMs = 5 * 60_000;

export interface OutboundCallsOptions {
  readonly ledger: CallLedger;
  readonly bridgeLoads: Pick<BridgeLoads, 'list'>;
  readonly guard: Pick<DialGuard, 'decide'>;
  readonly dialler: CallDialler;
  readonly lines: OutboundLines;
  readonly agents: AgentProfiles;
  readonly defaultAgent: string;
}

export class OutboundCalls {
  readonly #options: OutboundCallsOptions;

  constructor(options: OutboundCallsOptions) {
    this.#options = options;
  }

  /**
   * `repeated`: the order's key had been used, and nothing was dialled now. `usualAgent` calls if the order names none and
   * there is such an agent.
   */
  async place(order: CallRequest, usualAgent?: string): Promise<{ call: PlacedCall; repeated: boolean }> {
    const { guard, dialler, bridgeLoads } = this.#options;
    const hasKey = order.idempotencyKey !== undefined;
    const callId = createOutboundCallId(order.idempotencyKey);
    const before = hasKey ? await this.#find(callId) : undefined;
    if (before && isForAnother(before, parseDialTarget(order.to).name)) throw createOtherNumberError();
    if (before && isSettled(before)) return { call: formatRepeatedCall(before), repeated: true };
    const plan = this.#plan(before ? resume(order, before) : order, usualAgent);

    if (!(await hasRoom(bridgeLoads)))
      throw new AppError('BRIDGE_FULL', 'no bridge has room for one more call: nobody was dialled, try again later');
    const at = Date.now();
    const decision = await guard.decide({ to: order.to, orderId: callId, at: new Date(at) });
    if (decision.type === 'taken') return { call: await this.#repeat(callId, decision), repeated: true };
    const { permit } = decision;
    if (permit.isFirst && before && !isUnheardOf(before)) {
      // What was counted got lost and the call did not: its phone may be ringing.
      await permit.giveBack();
      return { call: formatRepeatedCall(before), repeated: true };
    }
    const carrierCallId = await dialler.dial(callId, plan, permit, { at, mayBeRepeated: hasKey });
    const twilioSid = plan.control.carrier === 'twilio' ? carrierCallId : undefined;
    const message = 'the call is being placed';
    return { call: formatPlacedCall({ callId, number: permit.number, message, twilioSid }), repeated: false };
  }

  /** Without the history the counts still know what was dialled today. */
  async #find(callId: CallId): Promise<CallState | undefined> {
    const { ledger } = this.#options;
    try {
      return await ledger.find(callId);
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'STORE_UNAVAILABLE')) throw error;
      return ledger.findLive(callId);
    }
  }

  #plan(order: CallRequest, usualAgent: string | undefined): DialPlan {
    const { agents, defaultAgent } = this.#options;
    const agent = order.agent ?? (usualAgent !== undefined && agents.has(usualAgent) ? usualAgent : defaultAgent);
    if (!agents.has(agent)) throw new AppError('UNKNOWN_AGENT', { agent: agent.slice(0, 64) });
    const { model, context } = order;
    const line = pickLine(this.#options.lines, parseDialTarget(order.to), order.carrier);
    return { ...line, agent, model, context };
  }

  /** What is true of an order that another request has. */
  async #repeat(callId: CallId, { number, isDialled }: { number: string; isDialled: boolean }): Promise<PlacedCall> {
    const state = await this.#find(callId);
    if (state && isSettled(state)) return formatRepeatedCall(state);
    if (isDialled && state && isUnheardOf(state))
      throw new AppError('CARRIER_UNCERTAIN', 'the carrier was asked to dial and never told what became of it');
    const message = isDialled
      ? 'an earlier request with this key has asked the carrier to dial'
      : 'an earlier request with this key is about to have it dialled';
    return formatPlacedCall({ callId, number, message });
  }
}

function isUnheardOf({ createdAt }: CallState): boolean {
  return createdAt !== undefined && Date.now() - createdAt >= unheardOfMs;
}

/** The bridge introduces calls that functions could not write down, and does not know the number. */
function isForAnother({ remoteParty: phone }: CallState, number: string): boolean {
  return phone !== undefined && phone !== 'unknown' && phone !== number;
}

/** A call that was written down and not dialled is dialled as it was written. */
function resume(order: CallRequest, { agent, carrier, model, context }: CallState): CallRequest {
  return {
    ...order,
    agent,
    carrier: carrier === 'web' ? undefined : carrier,
    model,
    context: context && { ...context },
  };
}

/** A key of the client's own names the call, so that each process finds the same one. */
function createOutboundCallId(idempotencyKey: string | undefined): CallId {
  if (idempotencyKey === undefined) return `out-${randomUUID()}` as CallId;
  return `out-${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32)}` as CallId;
}
