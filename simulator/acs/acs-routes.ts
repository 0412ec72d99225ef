// Every operation of the Call Automation API that the stand-in knows: its path, its body, what it does and what it answers.
import { z } from 'zod';
import { AcsCall } from './acs-call.ts';
import { type AcsDemand, acsRefusals, refuseInPhase } from './acs-call-phase.ts';
import type { CallRequest } from './acs-call-request.ts';
import type { AcsContext } from './acs-context.ts';
import { rawIdOf } from './acs-identifier.ts';
import { play, refuseCaller, requireInCall, requireParty, sendTones, transfer } from './acs-operations.ts';
import { addParticipant, moveParticipants, removeParticipant } from './acs-participants.ts';
import { AcsApiError, type AcsReply, badRequest } from './acs-reply.ts';
import {
  addParticipantSchema,
  answerSchema,
  continuousTonesSchema,
  createSchema,
  mediaStreamingSchema,
  moveParticipantsSchema,
  playSchema,
  rejectSchema,
  removeParticipantSchema,
  sendTonesSchema,
  transferSchema,
} from './acs-requests.ts';
import { acsResults } from './acs-result.ts';
import type { IncomingContexts } from './incoming-contexts.ts';

export interface AcsRoutesOptions {
  readonly context: AcsContext;
  readonly incoming: IncomingContexts;
  readonly findCall: (id: string) => AcsCall | undefined;
  readonly addCall: (call: AcsCall) => void;
}

export interface AcsRoute {
  readonly name: string;
  readonly method: string;
  readonly path: RegExp;
  /** Of its API, where that is not Call Automation's. */
  readonly apiVersion?: string;
  handle(match: RegExpExecArray, body: unknown): AcsReply | Promise<AcsReply>;
}

export function createAcsRoutes({ context, incoming, findCall, addCall }: AcsRoutesOptions): readonly AcsRoute[] {
  const requireSecure = (request: CallRequest) => {
    if (!context.secureUrlsOnly) return;
    if (!request.callbackUri.startsWith('https:')) throw badRequest('The field CallbackUri is invalid.');
    if (request.mediaStreamingOptions && !request.mediaStreamingOptions.transportUrl.startsWith('wss:'))
      throw badRequest('The field TransportUrl is invalid.');
  };

  /** An operation on one call: `{id}` in the path, refused where the call's phase does not allow it. */
  function onCall<Schema extends z.ZodType>(
    name: string,
    method: string,
    suffix: string,
    demand: AcsDemand,
    schema: Schema,
    act: (call: AcsCall, body: z.output<Schema>, match: RegExpExecArray) => AcsReply | Promise<AcsReply>,
  ): AcsRoute {
    return {
      name,
      method,
      path: new RegExp(`^/calling/callConnections/([^/:]+)${suffix}$`),
      handle(match, body) {
        const call = findCall(match[1]!);
        if (!call) throw new AcsApiError(acsRefusals.notFound);
        const refusal = refuseInPhase(call.phase, demand);
        if (refusal) throw new AcsApiError(refusal);
        const parsed = parse(schema, body);
        call.record(name, parsed);
        return act(call, parsed, match);
      },
    };
  }

  return [
    {
      name: 'createCall',
      method: 'POST',
      path: /^\/calling\/callConnections$/,
      handle(_match, body) {
        const request = parse(createSchema, body);
        requireSecure(request);
        if (request.targets.length > 1)
          throw new AcsApiError({ status: 501, code: 'NotImplemented', message: 'Group calls are not simulated.' });
        const number = requireParty(request.targets[0]!);
        const refusal = refuseCaller(number, request, context);
        const line = request.teamsAppSource ? `28:orgid:${request.teamsAppSource.appId}` : undefined;
        const call = new AcsCall(context, { direction: 'outbound', number, line });
        call.record('createCall', request);
        addCall(call);
        call.dial(request, refusal);
        return { status: 201, body: call.properties };
      },
    },
    {
      name: 'answerCall',
      method: 'POST',
      path: /^\/calling\/callConnections:answer$/,
      handle(_match, body) {
        const request = parse(answerSchema, body);
        requireSecure(request);
        const call = incoming.get(request.incomingCallContext);
        call.record('answerCall', request);
        call.answer(request);
        return { status: 200, body: call.properties };
      },
    },
    {
      name: 'rejectCall',
      method: 'POST',
      path: /^\/calling\/callConnections:reject$/,
      handle(_match, body) {
        const request = parse(rejectSchema, body);
        const call = incoming.get(request.incomingCallContext);
        call.record('rejectCall', request);
        call.finish('application', request.callRejectReason === 'busy' ? acsResults.busy : acsResults.declined);
        return { status: 204 };
      },
    },
    {
      name: 'getPurchasedPhoneNumber',
      method: 'GET',
      path: /^\/phoneNumbers\/([^/]+)$/,
      apiVersion: '2022-12-01',
      handle(match) {
        const number = decodeURIComponent(match[1]!);
        if (number !== context.phoneNumber)
          throw new AcsApiError({ status: 404, code: 'NotFound', message: 'The phone number was not found.' });
        return { status: 200, body: describeNumber(number) };
      },
    },
    onCall('getCallConnectionProperties', 'GET', '', 'read', z.unknown(), (call) => ({
      status: 200,
      body: call.properties,
    })),
    onCall('hangUp', 'DELETE', '', 'hang-up', z.unknown(), (call) => {
      call.hangUp();
      return { status: 204 };
    }),
    onCall('terminate', 'POST', ':terminate', 'hang-up', z.unknown(), (call) => {
      call.hangUp();
      return { status: 204 };
    }),
    onCall('transferToParticipant', 'POST', ':transferToParticipant', 'act', transferSchema, (call, body) => {
      transfer(call, context, body);
      return { status: 202, body: { operationContext: body.operationContext } };
    }),
    onCall('listParticipants', 'GET', '/participants', 'act', z.unknown(), (call) => ({
      status: 200,
      body: { value: call.participants },
    })),
    onCall('addParticipant', 'POST', '/participants:add', 'act', addParticipantSchema, (call, body) => ({
      status: 202,
      body: addParticipant(call, context, body),
    })),
    onCall('removeParticipant', 'POST', '/participants:remove', 'act', removeParticipantSchema, (call, body) => {
      removeParticipant(call, body);
      return { status: 202, body: { operationContext: body.operationContext } };
    }),
    onCall('moveParticipants', 'POST', '/participants:moveHere', 'act', moveParticipantsSchema, (call, body) => ({
      status: 202,
      body: moveParticipants(call, findCall(body.fromCall), context, body),
    })),
    onCall('getParticipant', 'GET', '/participants/([^/]+)', 'act', z.unknown(), (call, _body, match) => {
      const rawId = decodeURIComponent(match[2]!);
      const found = call.participants.find(({ identifier }) => rawIdOf(identifier) === rawId);
      if (!found) throw new AcsApiError({ status: 404, code: '8522', message: 'Participant not found.' });
      return { status: 200, body: found };
    }),
    onCall('play', 'POST', ':play', 'act', playSchema, async (call, body) => {
      await play(call, context, body);
      return { status: 202 };
    }),
    onCall('cancelAllMediaOperations', 'POST', ':cancelAllMediaOperations', 'act', z.unknown(), (call) => {
      call.prompts.cancel();
      return { status: 202 };
    }),
    onCall('sendDtmfTones', 'POST', ':sendDtmfTones', 'act', sendTonesSchema, (call, body) => {
      requireInCall(call, body.targetParticipant);
      sendTones(call, context, body);
      return { status: 202, body: { operationContext: body.operationContext } };
    }),
    onCall(
      'startContinuousDtmfRecognition',
      'POST',
      ':startContinuousDtmfRecognition',
      'act',
      continuousTonesSchema,
      (call, body) => {
        requireInCall(call, body.targetParticipant);
        call.tones.listen(body);
        return { status: 200 };
      },
    ),
    onCall(
      'stopContinuousDtmfRecognition',
      'POST',
      ':stopContinuousDtmfRecognition',
      'act',
      continuousTonesSchema,
      (call) => {
        call.tones.stop();
        return { status: 200 };
      },
    ),
    onCall('startMediaStreaming', 'POST', ':startMediaStreaming', 'act', mediaStreamingSchema, (call, body) => {
      call.startMedia(body);
      return { status: 202 };
    }),
    onCall('stopMediaStreaming', 'POST', ':stopMediaStreaming', 'act', mediaStreamingSchema, (call, body) => {
      call.stopMedia(body);
      return { status: 202 };
    }),
  ];
}

function describeNumber(number: string) {
  return {
    id: number.slice(1),
    phoneNumber: number,
    countryCode: 'US',
    phoneNumberType: 'tollFree',
    assignmentType: 'application',
    capabilities: { calling: 'inbound+outbound', sms: 'none' },
    purchaseDate: '2025-01-01T00:00:00Z',
    cost: { amount: 2, isoCurrencySymbol: 'USD', billingFrequency: 'monthly' },
  };
}

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badRequest(`Invalid request: ${issue!.path.join('.') || 'body'}: ${issue!.message}`);
}
