// Answers incoming calls of Twilio: writes the call down and connects it to the bridge.
import type { AgentProfiles } from '../../shared/agents/agent.ts';
import type { AgentRouting } from '../../shared/agents/agent-routing.ts';
import type { CallId } from '../../shared/call/call.ts';
import type { BridgeLoads } from '../../shared/stores/bridge-loads.ts';
import { findTraceparent } from '../../shared/telemetry/trace-context.ts';
import { createBusyTwiml, createHangUpTwiml } from '../../shared/telephony/twilio-twiml.ts';
import { hasRoom } from '../bridge-room.ts';
import type { TwilioCallEvents } from './call-events.ts';
import type { TwilioHookRequest } from './hook-messages.ts';
import type { TwilioMediaStreams } from './media-streams.ts';

export interface TwilioIncomingCallsOptions {
  readonly events: TwilioCallEvents;
  readonly streams: TwilioMediaStreams;
  readonly bridgeLoads: Pick<BridgeLoads, 'list'>;
  readonly whenFull: 'say' | 'busy';
  readonly agents: AgentProfiles;
  /** Who answers. */
  readonly routing: Pick<AgentRouting, 'agentFor'>;
}

export class TwilioIncomingCalls {
  readonly #options: TwilioIncomingCallsOptions;

  constructor(options: TwilioIncomingCallsOptions) {
    this.#options = options;
  }

  /** Resolves to TwiML; Twilio answers the call when it reads the stream in it. */
  async answer(callId: CallId, request: TwilioHookRequest): Promise<string> {
    const { events, streams, agents, routing, bridgeLoads, whenFull } = this.#options;
    // A signature of Twilio's does not age: whoever has seen this request may send it again when its call is long over.
    const [known, isRoom] = await Promise.all([events.findState(callId, request), hasRoom(bridgeLoads)]);
    if (known?.phase === 'ended') return createHangUpTwiml();
    const line = request.field('To');
    const agent = routing.agentFor(line);
    events.note(callId, {
      type: 'call-created',
      carrier: 'twilio',
      direction: 'inbound',
      remoteParty: request.field('From') ?? 'anonymous',
      ourNumber: line ?? 'unknown',
      agent,
      traceparent: findTraceparent(),
    });
    const isSilent = whenFull === 'busy' || agents.get(agent)?.lines_busy === undefined;
    if (isSilent && !isRoom) {
      events.note(callId, { type: 'call-ended', reason: 'bridge-full', code: 'BRIDGE_FULL' });
      return createBusyTwiml();
    }
    events.receiveConnected(callId, request);
    return streams.open(callId, known, { direction: 'inbound', isRoom, agent });
  }
}
