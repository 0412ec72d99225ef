// What operators do with calls: list them, look at one, hand one over, end one.
import type { AgentProfiles } from '../../shared/agents/agent.ts';
import type { CallDetail, CallQueryInput, ListedCallSummaries, TransferRequest } from '../../shared/api.ts';
import type { CallId, Carrier } from '../../shared/call/call.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import type { Statistics } from '../../shared/console-api.ts';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import { formatAcsParty } from '../../shared/telephony/acs-identifiers.ts';
import type { CallControl } from '../../shared/telephony/call-control.ts';
import type { DialGuard } from '../../shared/telephony/dial-guard.ts';
import { pursueHangUp } from '../../shared/telephony/hang-up-pursuit.ts';
import type { CallSettlement } from '../after-call/call-settlement.ts';
import type { OutcomeChore } from '../after-call/outcome-chore.ts';
import { formatDetail, formatSummary, readCallQuery } from './call-formats.ts';
import type { CallList } from './call-list.ts';
import { readStatistics } from './statistics.ts';

export interface CallOperationsOptions {
  readonly ledger: CallLedger;
  readonly list: CallList;
  readonly controls: ReadonlyMap<Carrier, CallControl>;
  readonly agents: AgentProfiles;
  readonly guard: Pick<DialGuard, 'permitTransfer'>;
  readonly outcomes: Pick<OutcomeChore, 'askAgain'>;
  readonly settlement: Pick<CallSettlement, 'settle'>;
  readonly log: Logger;
}

/** An operator waits for the answer. */
const hangUpLimitMs = 4_000;

export class CallOperations {
  readonly #options: CallOperationsOptions;

  constructor(options: CallOperationsOptions) {
    this.#options = options;
  }

  async list(query: CallQueryInput): Promise<ListedCallSummaries> {
    const { calls, ...rest } = await this.#options.list.read(readCallQuery(query));
    return { calls: calls.map(formatSummary), ...rest };
  }

  async count(hours: number): Promise<Statistics> {
    return readStatistics(this.#options.list, hours);
  }

  async get(callId: CallId): Promise<CallDetail> {
    return formatDetail(await this.#get(callId));
  }

  /** Has a call judged once more of which no outcome was found. Resolves when it was. */
  async askForOutcome(callId: CallId): Promise<CallDetail> {
    const { outcomes, agents, settlement } = this.#options;
    const call = await this.#get(callId);
    await outcomes.askAgain(call, agents.get(call.agent ?? ''));
    await settlement.settle(callId);
    return this.get(callId);
  }

  /** Its notes are told to nobody any more when the caller rings again. */
  async closeNotes(callId: CallId): Promise<CallDetail> {
    const { ledger, settlement } = this.#options;
    const call = await this.#get(callId);
    if (call.notesDoneAt === undefined) await ledger.record(callId, { type: 'notes-done' }, { id: 'notes-done' });
    await settlement.settle(callId);
    return this.get(callId);
  }

  /** The call is over once its carrier says so. What the carrier cannot do now is pursued by the reconciler. */
  async hangUp(callId: CallId): Promise<void> {
    const { ledger, log } = this.#options;
    const { control, carrierCallId } = this.#reach(await this.#get(callId));
    const reason = 'operator-hung-up';
    // Posted: the caller's line is closed wherever the stores are.
    await ledger.post(callId, { type: 'hang-up-requested', by: 'operator', reason }, { id: 'operator-hang-up' });
    const answer = await pursueHangUp(
      { hangUp: () => control.hangUp(carrierCallId) },
      { limitMs: hangUpLimitMs },
    ).catch((error: unknown) => {
      if (!(error instanceof AppError) || !error.retryable) throw error;
      log.warn({ callId, error }, 'the carrier does not hang up now: the reconciler will ask it again');
    });
    // Its end has been told and lost, or is on its way; a lost one would leave the call live until it is reconciled.
    if (answer === 'gone')
      await ledger.post(callId, { type: 'call-ended', reason, code: 'CALL_GONE', isGuess: true }, { id: 'call-ended' });
  }

  /** As if somebody on our side pressed them. */
  async sendKeys(callId: CallId, keys: string): Promise<void> {
    const { control, carrierCallId } = this.#reach(await this.#get(callId));
    await control.sendDigits({ callId, carrierCallId }, keys);
  }

  /** To one of the targets that the call's agent may hand over to, by its name. */
  async transfer(callId: CallId, wish: TransferRequest): Promise<void> {
    const { ledger, agents, guard } = this.#options;
    const { target } = wish;
    const state = await this.#get(callId);
    const { control, carrierCallId } = this.#reach(state);
    if (state.phase !== 'active')
      throw new AppError('CALL_IN_USE', `a call that is ${state.phase} cannot be handed over`);
    const targets = agents.get(state.agent ?? '')?.transfer_targets ?? {};
    const to = Object.hasOwn(targets, target) ? targets[target]?.numbers[0] : undefined;
    if (to === undefined) throw new AppError('BAD_REQUEST', "target: is none of the agent's transfer_targets");
    const party = formatAcsParty(to);
    // Who has no number costs nothing to reach.
    const costs = party.startsWith('+') || control.carrier !== 'acs';
    const permit = costs ? await guard.permitTransfer(party) : undefined;
    if (wish.handover === 'warm') {
      // The bridge asks for itself when it dials.
      await permit?.giveBack();
      return this.#order(state, wish);
    }
    try {
      await ledger.record(callId, { type: 'transfer-requested', target });
      await control.transfer({ callId, carrierCallId }, party, state.ourNumber ?? '').catch(async (error: unknown) => {
        const code = error instanceof AppError ? error.code : 'INTERNAL';
        await ledger.post(callId, { type: 'transfer-failed', code });
        throw error;
      });
    } catch (error) {
      await permit?.giveBack();
      throw error;
    }
  }

  /** The bridge that has the caller does it, as for the agent. */
  async #order(
    { callId, carrier, replica, consultation, askedToEnd }: CallState,
    { target, brief }: TransferRequest,
  ): Promise<void> {
    if (carrier === 'web') throw new AppError('BAD_REQUEST', 'a call from a page cannot be handed over');
    if (replica === undefined || consultation !== undefined || askedToEnd !== undefined)
      throw new AppError('CALL_IN_USE', 'no agent can ask anybody for this caller now: try again');
    await this.#options.ledger.record(callId, { type: 'transfer-ordered', target, brief });
  }

  #reach({ phase, carrier, carrierCallId }: CallState): { control: CallControl; carrierCallId: string } {
    if (phase === 'ended') throw new AppError('CALL_ENDED');
    if (carrierCallId === undefined || carrier === undefined)
      throw new AppError('CALL_IN_USE', 'the carrier has not taken the call yet: try again');
    const control = this.#options.controls.get(carrier);
    if (!control) throw new AppError('NOT_CONFIGURED', { what: carrier });
    return { control, carrierCallId };
  }

  async #get(callId: CallId): Promise<CallState> {
    const state = await this.#options.ledger.find(callId);
    if (!state) throw new AppError('CALL_NOT_FOUND');
    return state;
  }
}
