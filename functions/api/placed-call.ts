// What whoever ordered a call is told of it: the first time, and when the order is given again.
import type { PlacedCall } from '../../shared/api.ts';
import type { CallId, CallPhase } from '../../shared/call/call.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import { AppError, type ErrorCode, errorCatalogue } from '../../shared/errors.ts';

export function formatPlacedCall(call: {
  callId: CallId;
  number: string;
  message: string;
  status?: CallPhase;
  twilioSid?: string;
}): PlacedCall {
  const { callId, number, message, status = 'dialling', twilioSid } = call;
  const placed = { call_id: callId, status, message, number };
  return twilioSid === undefined ? placed : { ...placed, twilio_sid: twilioSid };
}

/** Something is known of it that only the carrier can have told, or that it did not take the call. */
export function isSettled({ carrierCallId, phase }: CallState): boolean {
  return carrierCallId !== undefined || phase !== 'dialling';
}

/** How the call stands now. Throws what the first request was refused with by the carrier. */
export function formatRepeatedCall(call: CallState): PlacedCall {
  const { callId, remoteParty, phase, carrier, carrierCallId, endCode } = call;
  if (phase === 'ended' && carrierCallId === undefined && endCode !== undefined && endCode in errorCatalogue)
    throw new AppError(endCode as ErrorCode, 'this call was asked for before and could not be placed');
  const twilioSid = carrier === 'twilio' ? carrierCallId : undefined;
  const message = 'an earlier request with this key placed this call';
  return formatPlacedCall({ callId, number: remoteParty ?? 'unknown', status: phase, message, twilioSid });
}
