// What operators do with calls: list them, look at one, end one.
import type { CallDetail, CallSummary } from '../../shared/api.ts';
import type { CallId, Carrier } from '../../shared/call/call.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import { AppError } from '../../shared/errors.ts';
import type { CallHistory } from '../../shared/stores/call-history.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import type { CallControl } from '../../shared/telephony/call-control.ts';

export interface CallDeskOptions {
  readonly ledger: CallLedger;
  readonly history: CallHistory;
  readonly controls: ReadonlyMap<Carrier, CallControl>;
}

export class CallDesk {
  readonly #options: CallDeskOptions;

  constructor(options: CallDeskOptions) {
    this.#options = options;
  }

  async list(page: { limit: number; next?: string }): Promise<{ calls: CallSummary[]; next?: string }> {
    const { history, ledger } = this.#options;
    const { calls, next } = await history.list(page);
    // The history knows the main steps only; what goes on now is in the stream.
    const fresh = await Promise.all(
      calls.map(async (call) => (call.phase === 'ended' ? call : ((await ledger.find(call.callId)) ?? call))),
    );
    return { calls: fresh.map(formatSummary), next };
  }

  async get(callId: CallId): Promise<CallDetail> {
    return formatDetail(await this.#get(callId));
  }

  /** The call is over once its carrier says so. */
  async hangUp(callId: CallId): Promise<void> {
    const { ledger, controls } = this.#options;
    const { phase, carrier, carrierCallId } = await this.#get(callId);
    if (phase === 'ended') throw new AppError('CALL_ENDED', 'the call is over');
    if (carrierCallId === undefined || carrier === undefined)
      throw new AppError('CALL_IN_USE', 'the carrier has not taken the call yet: try again');
    const control = controls.get(carrier);
    if (!control) throw new AppError('NOT_CONFIGURED', `${carrier} is not configured here`);
    const reason = 'operator-hung-up';
    await ledger.record(callId, { type: 'hang-up-requested', by: 'operator', reason }, { id: 'operator-hang-up' });
    try {
      await control.hangUp(carrierCallId);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'CALL_GONE') throw error;
      // Its end has been told and lost, or is on its way; a lost one would leave the call live for ever.
      await ledger.record(callId, { type: 'call-ended', reason, code: error.code }, { id: 'call-ended' });
    }
  }

  async #get(callId: CallId): Promise<CallState> {
    const state = await this.#options.ledger.find(callId);
    if (!state) throw new AppError('CALL_NOT_FOUND', 'there is no such call');
    return state;
  }
}

const iso = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());

function formatSummary(call: CallState): CallSummary {
  return {
    call_id: call.callId,
    status: call.phase,
    direction: call.direction,
    phone_number: call.phone,
    line: call.line,
    carrier: call.carrier,
    agent: call.agent,
    model: call.model,
    created_at: iso(call.createdAt),
    connected_at: iso(call.connectedAt),
    ended_at: iso(call.endedAt),
    end_reason: call.endReason,
    end_code: call.endCode,
  };
}

function formatDetail(call: CallState): CallDetail {
  return {
    ...formatSummary(call),
    answered_by: call.answeredBy,
    transfer_target: call.transferTarget,
    context: call.context && { ...call.context },
    turns: call.turns.map((turn) => ({ ...turn, at: new Date(turn.at).toISOString() })),
    notes: [...call.notes],
  };
}
