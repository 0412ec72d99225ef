// Answers Twilio's web hooks: what to do with a call, and what became of it.

import type { HttpRequest } from '@azure/functions';
import type { AgentRouting } from '../../shared/agents/agent-routing.ts';
import type { CallId } from '../../shared/call/call.ts';
import { spanNames } from '../../shared/telemetry/names.ts';
import { traceStep } from '../../shared/telemetry/traced-step.ts';
import type { NamedCall } from '../../shared/telephony/call-control.ts';
import { formatTwilioFile } from '../../shared/telephony/twilio-recordings.ts';
import { createAloneTwiml } from '../../shared/telephony/twilio-rooms.ts';
import { createHangUpTwiml, type TwilioHookName } from '../../shared/telephony/twilio-twiml.ts';
import { hasRoom } from '../bridge-room.ts';
import type { RecordingKeeper } from '../recordings/recording-keeper.ts';
import type { RouteHandler } from '../route-handler.ts';
import { TwilioCallEvents, type TwilioCallEventsOptions } from './call-events.ts';
import { createInboundTwilioCallId, TwilioCallNames } from './call-names.ts';
import { readTwilioHookRequest, type TwilioAccount, type TwilioHookRequest } from './hook-messages.ts';
import { TwilioIncomingCalls } from './incoming-calls.ts';
import { TwilioMediaStreams, type TwilioMediaStreamsOptions } from './media-streams.ts';

export interface TwilioHandlersOptions
  extends TwilioAccount,
    TwilioCallEventsOptions,
    Omit<TwilioMediaStreamsOptions, 'events' | 'routing'> {
  readonly routing: Pick<AgentRouting, 'agentFor' | 'defaultAgent'>;
  readonly whenFull: 'say' | 'busy';
  readonly keeper: Pick<RecordingKeeper, 'keep'>;
  /** Connects a call that was handed over to the bridge again. Never rejects. */
  giveBack(call: NamedCall): Promise<void>;
}

export type TwilioHandlers = Readonly<Record<TwilioHookName, RouteHandler>>;

export function createTwilioHandlers(options: TwilioHandlersOptions): TwilioHandlers {
  const names = new TwilioCallNames(options);
  const events = new TwilioCallEvents(options);
  const streams = new TwilioMediaStreams({ ...options, events });
  const incoming = new TwilioIncomingCalls({ ...options, events, streams });

  const keepRecording = async (callId: CallId, { field }: TwilioHookRequest) => {
    const sid = field('RecordingSid');
    if (sid === undefined || field('RecordingStatus') !== 'completed') return;
    await options.keeper.keep(callId, 'twilio', formatTwilioFile(sid, field('RecordingDuration')));
  };
  const read = (httpRequest: HttpRequest) => readTwilioHookRequest(httpRequest, options);
  /** Twilio asks what to do with a call, and is answered in TwiML. */
  const ask =
    (
      run: (callId: CallId, request: TwilioHookRequest) => Promise<string>,
      findCallId: (request: TwilioHookRequest) => CallId | Promise<CallId> = (request) => names.find(request),
    ): RouteHandler =>
    async (httpRequest) => {
      const request = await read(httpRequest);
      const callId = await findCallId(request);
      const twiml = await run(callId, request);
      await events.settle(callId);
      return { status: 200, headers: { 'Content-Type': 'text/xml' }, body: twiml };
    };
  /** Twilio tells what became of a call, and waits for nothing. */
  const tell =
    (run: (callId: CallId, request: TwilioHookRequest) => Promise<void>): RouteHandler =>
    async (httpRequest) => {
      const request = await read(httpRequest);
      await run(await names.find(request), request);
      return { status: 204 };
    };

  return {
    voice: ask(
      (callId, request) => traceStep(spanNames.answer, callId, () => incoming.answer(callId, request)),
      // Nobody has named it yet.
      ({ callSid }) => createInboundTwilioCallId(callSid),
    ),
    /** An outbound call was picked up, or a call of ours needs its stream again. */
    twiml: ask(async (callId, request) => {
      const [state, isRoom] = await Promise.all([events.findState(callId, request), hasRoom(options.bridgeLoads)]);
      events.receiveConnected(callId, request);
      // Who calls was connected by `voice`, with whatever words come first.
      const isAgain = state?.direction === 'inbound';
      return streams.open(callId, state, { direction: 'outbound', isRoom, isAgain });
    }),
    status: tell((callId, request) => events.receiveStatus(callId, request)),
    recording: tell((callId, request) => keepRecording(callId, request)),
    amd: tell((callId, request) => events.receiveAnsweredBy(callId, request)),
    'stream-ended': ask(async (callId, request) =>
      request.isOver ? createHangUpTwiml() : streams.reopen(callId, request),
    ),
    'room-entered': tell((callId, request) => events.receiveRoomEntered(callId, request)),
    'room-alone': ask(async (callId, request) => {
      if (await events.receiveRoomAlone(callId, request))
        await options.giveBack({ callId, carrierCallId: request.callSid });
      return createAloneTwiml();
    }),
    'transfer-status': tell((callId, request) => events.receiveTransferStatus(callId, request)),
    'transfer-ended': ask(async (callId, request) => {
      const goesOn = await events.receiveTransferEnd(callId, request);
      return goesOn ? streams.reopen(callId, request) : createHangUpTwiml();
    }),
  };
}
