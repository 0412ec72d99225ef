// Connects a call at Twilio to the bridge, and again when its stream ends while the call goes on.
import type { AgentProfiles } from '../../shared/agents/agent.ts';
import type { CallDirection, CallId } from '../../shared/call/call.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import type { Logger } from '../../shared/logger.ts';
import type { MediaTokens } from '../../shared/media-token.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';
import { createHangUpTwiml, createStreamTwiml } from '../../shared/telephony/twilio-twiml.ts';
import type { TwilioCallEvents } from './call-events.ts';

/** A stream that ends so often within so short a time will not hold: the caller is told and let go. */
const maxStreams = 3;
const streamWindowMs = 60_000;
const farewell = 'We are sorry, we have a technical problem. Please call again later.';

export interface TwilioMediaStreamsOptions {
  readonly publicUrl: string;
  readonly bridgeUrl: string;
  readonly leases: CallLeases;
  readonly events: TwilioCallEvents;
  readonly tokens: MediaTokens;
  readonly agents: AgentProfiles;
  /** Who answers incoming calls. */
  readonly agent: string;
  readonly log: Logger;
}

export class TwilioMediaStreams {
  readonly #options: TwilioMediaStreamsOptions;

  constructor(options: TwilioMediaStreamsOptions) {
    this.#options = options;
  }

  /** Resolves to TwiML. `direction` is the call's where its state cannot be read. */
  async open(callId: CallId, direction: CallDirection): Promise<string> {
    const state = await this.#options.events.findState(callId);
    return isToEnd(state) ? createHangUpTwiml() : this.#connect(callId, state, { direction });
  }

  /** Resolves to TwiML: the stream once more, unless the call is to end or streams do not hold. */
  async reopen(callId: CallId): Promise<string> {
    const { leases, events, log } = this.#options;
    const state = await events.findState(callId);
    if (isToEnd(state)) return createHangUpTwiml();
    const streams = await leases.count(`twilio-stream/${callId}`, streamWindowMs).catch(() => 1);
    if (streams <= maxStreams) return this.#connect(callId, state, { direction: 'inbound', filler: true });
    log.error({ callId, streams }, 'media streams end again and again: hanging up');
    await events.note(callId, { type: 'hang-up-requested', by: 'agent', reason: 'media-lost' }, 'media-lost');
    return createHangUpTwiml({ text: farewell, language: 'en-US' });
  }

  /** `filler`: the caller waited in a dead line and is told that it goes on. */
  async #connect(
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

function isToEnd(state: CallState | undefined): boolean {
  return state?.phase === 'ended' || state?.askedToEnd !== undefined;
}
