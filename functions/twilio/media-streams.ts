// Connects a call at Twilio to the bridge, and again when its stream ends while the call goes on.
import type { AgentProfiles } from '../../shared/agents/agent.ts';
import type { AgentRouting } from '../../shared/agents/agent-routing.ts';
import type { CallDirection, CallId } from '../../shared/call/call.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import type { Logger } from '../../shared/logger.ts';
import type { MediaTokens } from '../../shared/media-token.ts';
import type { BridgeLoads } from '../../shared/stores/bridge-loads.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';
import { findTraceparent } from '../../shared/telemetry/trace-context.ts';
import { createHangUpTwiml, createStreamTwiml } from '../../shared/telephony/twilio-twiml.ts';
import { hasRoom } from '../bridge-room.ts';
import { formatResumption, isLostTooOften, planResumption, type ResumptionPlan } from '../media-resumption.ts';
import type { TwilioCallEvents } from './call-events.ts';
import type { TwilioHookRequest } from './hook-messages.ts';

const farewell = 'We are sorry, we have a technical problem. Please call again later.';

export interface TwilioMediaStreamsOptions {
  readonly publicUrl: string;
  readonly bridgeUrl: string;
  readonly leases: CallLeases;
  readonly bridgeLoads: Pick<BridgeLoads, 'list'>;
  readonly events: TwilioCallEvents;
  readonly tokens: MediaTokens;
  readonly agents: AgentProfiles;
  /** Who answers where nobody knows of a call. */
  readonly routing: Pick<AgentRouting, 'defaultAgent'>;
  readonly log: Logger;
}

export class TwilioMediaStreams {
  readonly #options: TwilioMediaStreamsOptions;

  constructor(options: TwilioMediaStreamsOptions) {
    this.#options = options;
  }

  /** Resolves to TwiML. `direction` and `agent` are the call's where its state cannot be read; `isAgain`: the caller has heard the first words. */
  async open(
    callId: CallId,
    state: CallState | undefined,
    {
      direction,
      isRoom,
      agent,
      isAgain,
    }: { direction: CallDirection; isRoom: boolean; agent?: string; isAgain?: boolean },
  ): Promise<string> {
    if (isToEnd(state)) return createHangUpTwiml();
    // A call that goes from one bridge to another is worth some waiting, too.
    if (!isRoom && state?.mediaAt === undefined) return this.#turnAway(callId, state, agent);
    return this.#connect(callId, state, { direction, agent, isAgain });
  }

  /** Resolves to TwiML: the stream once more, unless the call is to end, nobody takes it over, or streams do not hold. */
  async reopen(callId: CallId, request: TwilioHookRequest): Promise<string> {
    const { leases, bridgeLoads, events, log } = this.#options;
    const { resumption: before } = request;
    const state = await events.findState(callId, request);
    if (isToEnd(state)) return createHangUpTwiml();
    const mediaAt = state?.mediaAt;
    // A call that had its media is worth some waiting: another bridge may take it over.
    if (mediaAt === undefined && !(await hasRoom(bridgeLoads))) return this.#turnAway(callId, state);
    const plan = planResumption(before, { now: Date.now(), mediaAt });
    if (!(await isLostTooOften(leases, callId)) && plan.type === 'try')
      return this.#connect(callId, state, { direction: 'inbound', resume: plan });
    log.error({ callId, tries: before?.tries }, 'no bridge took the call, or none kept it: hanging up');
    events.note(callId, { type: 'hang-up-requested', by: 'agent', reason: 'media-lost' }, 'media-lost');
    return createHangUpTwiml({ text: farewell, language: 'en-US' });
  }

  #turnAway(callId: CallId, state: CallState | undefined, agent?: string): string {
    const { events, agents, routing, log } = this.#options;
    log.warn({ callId }, 'no bridge has room: the caller is told that all lines are busy');
    events.note(callId, { type: 'hang-up-requested', by: 'agent', reason: 'bridge-full' }, 'bridge-full');
    const profile = agents.get(state?.agent ?? agent ?? routing.defaultAgent);
    const words = profile?.lines_busy;
    return createHangUpTwiml(words === undefined ? undefined : { text: words, language: profile!.language });
  }

  /** `resume`: the caller waits in a dead line and is told that it goes on. */
  async #connect(
    callId: CallId,
    state: CallState | undefined,
    options: {
      direction: CallDirection;
      agent?: string | undefined;
      isAgain?: boolean | undefined;
      resume?: Extract<ResumptionPlan, { type: 'try' }>;
    },
  ): Promise<string> {
    const { publicUrl, bridgeUrl, tokens, agents, routing } = this.#options;
    const agent = state?.agent ?? options.agent ?? routing.defaultAgent;
    const direction = state?.direction ?? options.direction;
    const { model, traceparent = findTraceparent() } = state ?? {};
    const token = await tokens.sign({ callId, carrier: 'twilio', direction, agent, model, traceparent });
    const profile = agents.get(agent);
    const { resume, isAgain = false } = options;
    // Who has been talking to the agent hears nothing of it that the call goes to another bridge.
    const isFirst = !isAgain && resume === undefined && state?.mediaAt === undefined;
    const words = resume?.speaks ? profile?.filler : isFirst ? profile?.please_wait : undefined;
    const say = words && profile ? { text: words, language: profile.language } : undefined;
    return createStreamTwiml({
      callId,
      publicUrl,
      bridgeUrl,
      token,
      say,
      pauseSeconds: resume?.pauseSeconds,
      resume: resume && formatResumption(resume.resumption),
    });
  }
}

function isToEnd(state: CallState | undefined): boolean {
  return state?.phase === 'ended' || state?.askedToEnd !== undefined;
}
