// Finds the call that Twilio means, and makes the TwiML that connects it to the bridge.
import { createHash } from 'node:crypto';
import type { AgentProfiles } from '../../shared/agents/agent.ts';
import type { CallDirection, CallId } from '../../shared/call/call.ts';
import type { CallFact } from '../../shared/call/call-event.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import type { Logger } from '../../shared/logger.ts';
import type { MediaTokens } from '../../shared/media-token.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import { createStreamTwiml } from '../../shared/telephony/twilio-twiml.ts';
import type { TwilioHookRequest } from './hook-request.ts';

/** Longer than the longest call that Twilio allows. */
const nameTtlMs = 24 * 3_600_000;

export interface TwilioCallsOptions {
  readonly publicUrl: string;
  readonly bridgeUrl: string;
  readonly ledger: CallLedger;
  readonly leases: CallLeases;
  readonly tokens: MediaTokens;
  readonly agents: AgentProfiles;
  /** Who answers incoming calls. */
  readonly agent: string;
  readonly log: Logger;
}

export class TwilioCalls {
  readonly #options: TwilioCallsOptions;

  constructor(options: TwilioCallsOptions) {
    this.#options = options;
  }

  /**
   * An outbound call has our id in the URLs it was dialled with. Those of a later change (a transfer, a new stream) have not:
   * the first request that holds both keeps the pair. An incoming call's id is made from its SID.
   */
  async findCallId({ callId, callSid, parentCallSid }: TwilioHookRequest): Promise<CallId> {
    const sid = parentCallSid ?? callSid;
    const name = `twilio-call/${sid}`;
    const { leases, log } = this.#options;
    try {
      if (callId === undefined) {
        const named = await leases.find(name);
        return (named?.owner as CallId | undefined) ?? createInboundTwilioCallId(sid);
      }
      await leases.acquire(name, callId, nameTtlMs);
    } catch (error) {
      log.error({ callId, error }, 'the names of Twilio calls cannot be kept');
    }
    return callId ?? createInboundTwilioCallId(sid);
  }

  /** Undefined also when it cannot be read: the token in the stream holds enough to talk. */
  async findState(callId: CallId): Promise<CallState | undefined> {
    return this.#options.ledger.find(callId).catch((error) => {
      this.#options.log.error({ callId, error }, 'a call could not be read');
      return undefined;
    });
  }

  /** For hooks that answer with TwiML: a caller is not sent away because something could not be written down. */
  async note(callId: CallId, fact: CallFact, id: string = fact.type): Promise<void> {
    await this.#options.ledger.record(callId, fact, { id }).catch((error) => {
      this.#options.log.error({ callId, event: fact.type, error }, 'an event of a call could not be written down');
    });
  }

  /** `filler`: the caller waited in a dead line and is told that it goes on. */
  async connect(
    callId: CallId,
    state: CallState | undefined,
    options: { direction: CallDirection; filler?: boolean },
  ): Promise<string> {
    const { publicUrl, bridgeUrl, tokens, agents } = this.#options;
    const agent = state?.agent ?? this.#options.agent;
    const direction = state?.direction ?? options.direction;
    const token = await tokens.sign({ callId, carrier: 'twilio', direction, agent, model: state?.model });
    const profile = agents.get(agent);
    const text = options.filler ? profile?.filler : profile?.please_wait;
    const say = text && profile ? { text, language: profile.language } : undefined;
    return createStreamTwiml({ callId, publicUrl, bridgeUrl, token, say });
  }
}

/** The same for each request about one call, in each process. */
export function createInboundTwilioCallId(callSid: string): CallId {
  return `in-${createHash('sha256').update(`twilio|${callSid}`).digest('hex').slice(0, 32)}` as CallId;
}
