// Answers Twilio's web hooks: what to do with a call, and what became of it.
import type { HttpResponseInit } from '@azure/functions';
import type { CallId } from '../../shared/call/call.ts';
import { createHangUpTwiml, type TwilioHookName } from '../../shared/telephony/twilio-twiml.ts';
import type { RouteHandler } from '../route-handler.ts';
import { readAnsweredBy, readTwilioStatus } from './call-events.ts';
import { TwilioCalls, type TwilioCallsOptions } from './calls.ts';
import { readTwilioHookRequest, type TwilioHookRequest } from './hook-request.ts';

/** A stream that ends so often within so short a time will not hold: the caller is told and let go. */
const maxStreams = 3;
const streamWindowMs = 60_000;
const farewell = 'We are sorry, we have a technical problem. Please call again later.';

export interface TwilioHandlersOptions extends TwilioCallsOptions {
  readonly authToken: string;
}

export type TwilioHandlers = Readonly<Record<TwilioHookName, RouteHandler>>;

export function createTwilioHandlers(options: TwilioHandlersOptions): TwilioHandlers {
  const { ledger, leases, agents, log } = options;
  const calls = new TwilioCalls(options);

  /** `run` resolves to TwiML, or to nothing for a hook that only tells. */
  const hook =
    (run: (request: TwilioHookRequest, callId: CallId) => Promise<string | undefined>): RouteHandler =>
    async (httpRequest): Promise<HttpResponseInit> => {
      const request = await readTwilioHookRequest(httpRequest, options);
      const twiml = await run(request, await calls.findCallId(request));
      return twiml === undefined
        ? { status: 204 }
        : { status: 200, headers: { 'Content-Type': 'text/xml' }, body: twiml };
    };

  /** The agent's stream once more, unless the call is to end or streams do not hold. */
  const resume = async (callId: CallId): Promise<string> => {
    const state = await calls.findState(callId);
    if (state?.phase === 'ended' || state?.askedToEnd) return createHangUpTwiml();
    const streams = await leases.count(`twilio-stream/${callId}`, streamWindowMs).catch(() => 1);
    if (streams <= maxStreams) return calls.connect(callId, state, { direction: 'inbound', filler: true });
    log.error({ callId, streams }, 'media streams end again and again: hanging up');
    await calls.note(callId, { type: 'hang-up-requested', by: 'agent', reason: 'media-lost' }, 'media-lost');
    return createHangUpTwiml({ text: farewell, language: 'en-US' });
  };

  return {
    /** A call comes in. Twilio answers it when it reads the stream. */
    voice: hook(async ({ callSid, field }, callId) => {
      const created = {
        type: 'call-created',
        carrier: 'twilio',
        direction: 'inbound',
        remoteParty: field('From') ?? 'anonymous',
        ourNumber: field('To') ?? 'unknown',
        agent: options.agent,
      } as const;
      await calls.note(callId, created);
      await calls.note(callId, { type: 'carrier-accepted', carrierCallId: callSid });
      await calls.note(callId, { type: 'call-connected' });
      return calls.connect(callId, await calls.findState(callId), { direction: 'inbound' });
    }),

    /** An outbound call was picked up, or a call of ours needs its stream again. */
    twiml: hook(async ({ callSid }, callId) => {
      await calls.note(callId, { type: 'carrier-accepted', carrierCallId: callSid });
      await calls.note(callId, { type: 'call-connected' });
      const state = await calls.findState(callId);
      if (state?.phase === 'ended' || state?.askedToEnd) return createHangUpTwiml();
      return calls.connect(callId, state, { direction: 'outbound' });
    }),

    status: hook(async ({ callSid, field }, callId) => {
      const state = await ledger.find(callId);
      if (!state) {
        log.warn({ callId, callSid }, 'Twilio tells of a call that is not known');
        return undefined;
      }
      if (state.carrierCallId === undefined) {
        await ledger.record(callId, { type: 'carrier-accepted', carrierCallId: callSid }, { id: 'carrier-accepted' });
      }
      const told = readTwilioStatus(field('CallStatus'), field('SipResponseCode'), state);
      if (told) await ledger.record(callId, told.fact, { id: told.id });
      return undefined;
    }),

    amd: hook(async ({ field }, callId) => {
      const answeredBy = readAnsweredBy(field('AnsweredBy'));
      await ledger.record(callId, { type: 'answered-by', answeredBy }, { id: 'answered-by' });
      return undefined;
    }),

    'stream-ended': hook(async ({ field }, callId) => {
      return isOver(field('CallStatus')) ? createHangUpTwiml() : resume(callId);
    }),

    'transfer-status': hook(async ({ callSid, field }, callId) => {
      const number = field('To') ?? '';
      const state = await ledger.find(callId);
      if (!state || state.phase === 'transferring') return undefined;
      const targets = Object.entries(agents.get(state.agent ?? '')?.transfer_targets ?? {});
      const target = targets.find(([, phone]) => phone === number)?.[0] ?? number;
      await ledger.record(callId, { type: 'transfer-started', target }, { id: `transfer-started/${callSid}` });
      return undefined;
    }),

    'transfer-ended': hook(async ({ field }, callId) => {
      const dialled = field('DialCallStatus');
      if ((dialled === 'completed' || dialled === 'answered') && field('DialBridged') !== 'false') {
        await calls.note(callId, { type: 'call-ended', reason: 'transferred', code: dialled });
        return createHangUpTwiml();
      }
      if (isOver(field('CallStatus'))) {
        await calls.note(callId, { type: 'call-ended', reason: 'caller-hung-up', code: dialled });
        return createHangUpTwiml();
      }
      const id = `transfer-failed/${field('DialCallSid') ?? dialled}`;
      await calls.note(callId, { type: 'transfer-failed', code: dialled ?? 'failed' }, id);
      return resume(callId);
    }),
  };
}

function isOver(callStatus: string | undefined): boolean {
  return callStatus !== undefined && callStatus !== 'in-progress' && callStatus !== 'ringing';
}
