// Who is in a call: phones that are added to it, taken out of it, or moved here from another call.
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { AcsCall } from './acs-call.ts';
import { acsRefusals } from './acs-call-phase.ts';
import type { AcsContext } from './acs-context.ts';
import { formatParty } from './acs-identifier.ts';
import { requireCallerId, requireNumber } from './acs-operations.ts';
import { AcsApiError, badRequest } from './acs-reply.ts';
import type { addParticipantSchema, moveParticipantsSchema, removeParticipantSchema } from './acs-requests.ts';
import { type AcsResult, acsResults } from './acs-result.ts';
import { ringMs, ringUp, verdictMs } from './acs-ringing.ts';

export function addParticipant(
  call: AcsCall,
  context: AcsContext,
  body: z.output<typeof addParticipantSchema>,
): { readonly participant: unknown; readonly operationContext?: string | null; readonly invitationId: string } {
  const number = requireNumber(body.participantToAdd);
  requireCallerId(body.sourceCallerIdNumber, context, 'addParticipant');
  const participant = formatParty(number);
  const timeoutMs = (body.invitationTimeoutInSeconds ?? ringMs / 1000) * 1000;
  const fail = (result: AcsResult) => call.events.emit('AddParticipantFailed', { participant }, result, body);
  ringUp(context, { from: call.line, to: number, timeoutMs }, fail, (phone) => {
    if (call.phase !== 'connected') return phone.lineClosed();
    call.guests.add(number, phone);
    call.events.emit('AddParticipantSucceeded', { participant }, acsResults.ok, body);
    call.events.emitParticipants(call.participants);
  });
  return { participant: formatInvited(number), operationContext: body.operationContext, invitationId: randomUUID() };
}

export function removeParticipant(call: AcsCall, body: z.output<typeof removeParticipantSchema>): void {
  const number = requireNumber(body.participantToRemove);
  if (!call.numbers.includes(number)) throw badRequest('Invalid request: the participant is not in the call.');
  if (number === call.number) {
    call.hangUp();
    return;
  }
  call.guests.remove(number);
  call.events.emit('RemoveParticipantSucceeded', { participant: formatParty(number) }, acsResults.ok, body);
  call.events.emitParticipants(call.participants);
}

/** Both calls are this application's. Told of on the call that they are moved to; a call that nobody is left in ends. */
export function moveParticipants(
  call: AcsCall,
  from: AcsCall | undefined,
  context: AcsContext,
  body: z.output<typeof moveParticipantsSchema>,
): { readonly participants: unknown; readonly operationContext?: string | null; readonly fromCall: string } {
  const { fromCall, operationContext } = body;
  if (!from || from.phase === 'ringing' || from.phase === 'disconnected') throw new AcsApiError(acsRefusals.notFound);
  if (from === call) throw badRequest('Invalid request: fromCall is the call itself.');
  if (from.phase !== 'connected') throw new AcsApiError(acsRefusals.notEstablished);
  const numbers = body.targetParticipants.map(requireNumber);
  if (numbers.some((number) => !from.numbers.includes(number)))
    throw badRequest('Invalid request: the participant is not in the call.');
  context.timers.after(verdictMs, () => {
    for (const number of numbers) move(call, from, number, body);
  });
  return { participants: numbers.map(formatInvited), operationContext, fromCall };
}

function move(call: AcsCall, from: AcsCall, number: string, body: z.output<typeof moveParticipantsSchema>): void {
  const data = { participant: formatParty(number), fromCall: body.fromCall };
  const phone = call.phase === 'connected' ? from.release(number) : undefined;
  if (!phone) {
    if (call.phase !== 'disconnected')
      call.events.emit('MoveParticipantFailed', data, acsResults.participantNotFound, body);
    return;
  }
  call.guests.add(number, phone);
  call.events.emit('MoveParticipantSucceeded', data, acsResults.ok, body);
  call.events.emitParticipants(call.participants);
  from.settle('moved', acsResults.leftAfterTransfer);
}

const formatInvited = (number: string) => ({ identifier: formatParty(number), isMuted: false, isOnHold: false });
