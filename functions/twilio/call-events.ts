// Writes down what Twilio tells of a call, in whatever order and however often it tells it.
import type { AgentProfiles } from '../../shared/agents/agent.ts';
import { type CallId, findDirection } from '../../shared/call/call.ts';
import type { CallFact } from '../../shared/call/call-event.ts';
import { type CallState, newCallState } from '../../shared/call/call-state.ts';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import type { DialCounts } from '../../shared/stores/dial-counts.ts';
import { keepTransferredPlace } from '../../shared/telephony/dial-places.ts';
import { within } from '../../shared/within.ts';
import type { Consultations } from '../consultations.ts';
import { isTwilioEndStatus, readTwilioEndReason, readTwilioTransferOutcome } from './end-reasons.ts';
import type { TwilioHookRequest } from './hook-messages.ts';

/** A caller waits for the answer. */
const readTimeoutMs = 400;
const writeTimeoutMs = 200;

export interface TwilioCallEventsOptions {
  readonly ledger: CallLedger;
  readonly dialCounts: DialCounts;
  readonly agents: AgentProfiles;
  readonly consultations: Consultations;
  readonly log: Logger;
}

export class TwilioCallEvents {
  readonly #options: TwilioCallEventsOptions;

  constructor(options: TwilioCallEventsOptions) {
    this.#options = options;
  }

  /** Somebody is on the line. */
  receiveConnected(callId: CallId, { callSid }: TwilioHookRequest): void {
    this.note(callId, { type: 'carrier-accepted', carrierCallId: callSid });
    this.note(callId, { type: 'call-connected' });
  }

  async receiveStatus(callId: CallId, request: TwilioHookRequest): Promise<void> {
    const { ledger, log } = this.#options;
    const { callSid, field } = request;
    const state = await this.#find(callId, request);
    if (!state) return log.warn({ callId, callSid }, 'Twilio tells of a call that is not known');
    if (state.carrierCallId === undefined) {
      await ledger.post(callId, { type: 'carrier-accepted', carrierCallId: callSid }, { id: 'carrier-accepted' });
    }
    const fact = readStatus(field('CallStatus'), field('SipResponseCode'), state);
    if (fact) await ledger.post(callId, fact, { id: fact.type });
    if (fact?.type === 'call-ended' && state.consultation) await this.#options.consultations.callerLeft(callId);
  }

  /** Somebody came into the room where a caller and the person who takes them over meet: the caller is the second. */
  async receiveRoomEntered(callId: CallId, request: TwilioHookRequest): Promise<void> {
    const { ledger } = this.#options;
    const state = await ledger.findLive(callId);
    if (!state?.consultation || request.callSid !== state.carrierCallId) return;
    await ledger.post(callId, { type: 'transfer-answered' }, { id: `transfer-answered/${state.consultation.leg}` });
  }

  /** Resolves to whether the caller, who is alone in the room, was given back to the agent. */
  async receiveRoomAlone(callId: CallId, request: TwilioHookRequest): Promise<boolean> {
    const { consultations } = this.#options;
    const state = await this.findState(callId, request);
    if (!state || state.phase === 'ended' || !(await consultations.isDeserted(state))) return false;
    const leg = state.consultation?.leg ?? 'unknown';
    this.note(
      callId,
      { type: 'transfer-failed', code: 'LEFT_ALONE', outcome: 'hung-up' },
      formatLegId('transfer-failed', leg),
    );
    await this.settle(callId);
    return true;
  }

  async receiveAnsweredBy(callId: CallId, request: TwilioHookRequest): Promise<void> {
    await this.#find(callId, request);
    const answeredBy = readAnsweredBy(request.field('AnsweredBy'));
    await this.#options.ledger.post(callId, { type: 'answered-by', answeredBy }, { id: 'answered-by' });
  }

  /** Of the other leg, whose number is the target's; it is told by its name where it has one. */
  async receiveTransferStatus(callId: CallId, request: TwilioHookRequest): Promise<void> {
    const { ledger, dialCounts, agents, log } = this.#options;
    const { callSid, field } = request;
    const state = await this.#find(callId, request);
    if (!state) return;
    const number = field('To') ?? '';
    const targets = Object.entries(agents.get(state.agent ?? '')?.transfer_targets ?? {});
    const target = targets.find(([, { numbers }]) => numbers.includes(number))?.[0] ?? number;
    const id = formatLegId('transfer-started', callSid);
    const delivery = await ledger.post(callId, { type: 'transfer-started', target }, { id });
    if (field('CallStatus') === 'in-progress')
      await ledger.post(callId, { type: 'transfer-answered' }, { id: formatLegId('transfer-answered', callSid) });
    // A call that is over has given its place back.
    if (delivery !== 'known' && state.direction === 'outbound' && state.phase !== 'ended')
      await keepTransferredPlace(dialCounts, callId).catch((error: unknown) => {
        log.warn({ callId, error }, 'the place of a call that is handed over could not be kept');
      });
  }

  /** Resolves to whether the call goes on with the agent. */
  async receiveTransferEnd(callId: CallId, request: TwilioHookRequest): Promise<boolean> {
    const { field, isOver } = request;
    const state = await this.findState(callId, request);
    const dialled = field('DialCallStatus') ?? 'failed';
    const leg = field('DialCallSid') ?? dialled;
    const isBridged = (dialled === 'completed' || dialled === 'answered') && field('DialBridged') !== 'false';
    // Written down before it is over: what is told of this leg later is no news then.
    const target = state?.transferTarget ?? 'unknown';
    this.note(callId, { type: 'transfer-started', target }, formatLegId('transfer-started', leg));
    if (isBridged) this.note(callId, { type: 'transfer-answered' }, formatLegId('transfer-answered', leg));
    if (isBridged || isOver) {
      const reason = isBridged ? 'transferred' : (state?.askedToEnd ?? 'caller-hung-up');
      this.note(callId, { type: 'call-ended', reason, code: dialled });
      return false;
    }
    const outcome = readTwilioTransferOutcome(dialled);
    this.note(callId, { type: 'transfer-failed', code: dialled, outcome }, formatLegId('transfer-failed', leg));
    return true;
  }

  /** For hooks that are answered with TwiML: a caller waits for no store. */
  note(callId: CallId, fact: CallFact, id: string = fact.type): void {
    void this.#options.ledger.post(callId, fact, { id });
  }

  /** Resolves when all that was noted is written, or soon: the bridge had better find the call when its socket comes. */
  async settle(callId: CallId): Promise<void> {
    await this.#options.ledger.written(callId, writeTimeoutMs);
  }

  /** Undefined also when it cannot be read: the token in the stream holds enough to talk. Throws FORBIDDEN as below. */
  async findState(callId: CallId, request: TwilioHookRequest): Promise<CallState | undefined> {
    const isTooSlow = () => {
      throw new Error(`it took longer than ${readTimeoutMs} ms`);
    };
    const state = await within(readTimeoutMs, () => this.#options.ledger.find(callId), isTooSlow).catch(
      (error: unknown) => {
        this.#options.log.error({ callId, error }, 'a call could not be read');
        return undefined;
      },
    );
    requireOwnCall(state, request);
    return state;
  }

  /** Twilio tells it once, perhaps, and it must not get lost while no store can say what it is about: Twilio signed it. */
  async #find(callId: CallId, request: TwilioHookRequest): Promise<CallState | undefined> {
    const state = await this.#options.ledger.find(callId).catch((error: unknown) => {
      if (!(error instanceof AppError && error.code === 'STORE_UNAVAILABLE')) throw error;
      return { ...newCallState(callId), carrier: 'twilio', direction: findDirection(callId) } as const;
    });
    requireOwnCall(state, request);
    return state;
  }
}

/** Throws FORBIDDEN: Twilio signed it, but for another of its calls than the one whose id stands in the URL. */
function requireOwnCall(state: CallState | undefined, { callSid, parentCallSid }: TwilioHookRequest): void {
  const own = state?.carrierCallId;
  if (own !== undefined && own !== callSid && own !== parentCallSid)
    throw new AppError('FORBIDDEN', "the request is about another call of Twilio's than the call's own");
}

/** What becomes of the other phone is told at most once each. */
function formatLegId(type: 'transfer-started' | 'transfer-answered' | 'transfer-failed', leg: string): string {
  return `${type}/${leg}`;
}

/** Undefined for a status that changes nothing. Each is told at most once in a call, so its type can be its id. */
function readStatus(
  status: string | undefined,
  sipCode: string | undefined,
  state: CallState | undefined,
): CallFact | undefined {
  if (status === 'ringing') return { type: 'call-ringing' };
  if (status === 'in-progress') return { type: 'call-connected' };
  if (!isTwilioEndStatus(status)) return undefined;
  return { type: 'call-ended', reason: readTwilioEndReason(status, sipCode, state), code: sipCode ?? status };
}

function readAnsweredBy(answeredBy: string | undefined): 'person' | 'machine' | 'unknown' {
  if (answeredBy === 'human') return 'person';
  return answeredBy?.startsWith('machine') || answeredBy === 'fax' ? 'machine' : 'unknown';
}
