// Twilio's hooks over stores in memory, asked as Twilio asks, with its signature.
import { createHmac } from 'node:crypto';
import { HttpRequest } from '@azure/functions';
import { type AgentProfile, parseAgent } from '../../../shared/agents/agent.ts';
import type { CallId } from '../../../shared/call/call.ts';
import type { CallFact } from '../../../shared/call/call-event.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { MediaTokens } from '../../../shared/media-token.ts';
import { CallLedger } from '../../../shared/stores/call-ledger.ts';
import { MemoryBridgeLoads } from '../../../shared/stores/memory-bridge-loads.ts';
import { MemoryCallHistory } from '../../../shared/stores/memory-call-history.ts';
import { MemoryCallLeases } from '../../../shared/stores/memory-call-leases.ts';
import { MemoryCallStream } from '../../../shared/stores/memory-call-stream.ts';
import { MemoryDialCounts } from '../../../shared/stores/memory-dial-counts.ts';
import type { TwilioHookName } from '../../../shared/telephony/twilio-twiml.ts';
import { Consultations } from '../../consultations.ts';
import { createInboundTwilioCallId } from '../call-names.ts';
import { createTwilioHandlers } from '../handlers.ts';

const accountSid = 'AC000000000000000000000000000000a1';
const authToken = 'example-auth-token';
const publicUrl = 'https://agent.example';
export const callSid = 'CA000000000000000000000000000000c1';
export const outbound = 'call-1' as CallId;
export const inbound = createInboundTwilioCallId(callSid);
/** The query of a request about the outbound call. */
export const forCall = { query: `?callId=${outbound}` };

const receptionist = parseAgent(
  'receptionist.md',
  '---\nname: receptionist\nfiller: One moment.\ntransfer_targets:\n  billing: "+15550111"\n---\nBe kind.',
);

export type TestHooks = ReturnType<typeof createTestHooks>;

export function createTestHooks(agent: AgentProfile = receptionist) {
  const tokens = new MediaTokens('an example secret of thirty-two characters');
  const stream = new MemoryCallStream();
  const ledger = new CallLedger(stream, new MemoryCallHistory());
  const dialCounts = new MemoryDialCounts();
  const bridgeLoads = new MemoryBridgeLoads();
  const givenBack: string[] = [];
  const hooks = createTwilioHandlers({
    accountSid,
    authToken,
    publicUrl,
    bridgeUrl: 'wss://bridge.example',
    ledger,
    bridgeLoads,
    whenFull: 'say',
    keeper: { keep: async () => {} },
    consultations: new Consultations({ ledger, controls: new Map(), log: silentLogger }),
    giveBack: async ({ carrierCallId }) => void givenBack.push(carrierCallId),
    leases: new MemoryCallLeases(),
    dialCounts,
    tokens,
    agents: new Map([[agent.name, agent]]),
    routing: {
      defaultAgent: receptionist.name,
      agentFor: (line) => (line === '+15550177' ? 'screening' : receptionist.name),
    },
    log: silentLogger,
  });

  return {
    tokens,
    stream,
    ledger,
    dialCounts,
    bridgeLoads,
    givenBack,
    /** As Twilio signs it: over the public URL, whatever host the request reached. */
    async post(
      hook: TwilioHookName,
      fields: Record<string, string>,
      options: { query?: string; signature?: string } = {},
    ) {
      const path = `/twilio/${hook}${options.query ?? ''}`;
      const form = { AccountSid: accountSid, CallSid: callSid, ...fields };
      const hashed = Object.entries(form)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flat()
        .join('');
      const signature = createHmac('sha1', authToken).update(`${publicUrl}${path}${hashed}`).digest('base64');
      const response = await hooks[hook](
        new HttpRequest({
          method: 'POST',
          url: `http://10.0.0.4:8080${path}`,
          headers: {
            'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
            'x-twilio-signature': options.signature ?? signature,
          },
          query: Object.fromEntries(new URLSearchParams(options.query)),
          body: { string: new URLSearchParams(form).toString() },
        }),
      );
      return { status: response.status, twiml: String(response.body ?? '').replace(/^<\?xml[^>]*\?>/, '') };
    },
    async dialled(...facts: CallFact[]) {
      await ledger.record(outbound, {
        type: 'call-created',
        carrier: 'twilio',
        direction: 'outbound',
        remoteParty: '+15550100',
        ourNumber: '+15550199',
        agent: 'receptionist',
      });
      for (const fact of facts) await ledger.record(outbound, fact);
    },
    /** How it ended, if it has. */
    async end(callId: CallId = outbound) {
      const state = await ledger.find(callId);
      return [state?.phase, state?.endReason, state?.endCode];
    },
  };
}
