// What can be asked of a call that is there: transfer, prompts and tones.
import type { z } from 'zod';
import { phoneSampleRate } from '../caller/phone.ts';
import { parseWav } from '../voice/wav.ts';
import type { AcsCall } from './acs-call.ts';
import type { AcsContext } from './acs-context.ts';
import { findNumber, findParty, formatParty, type Identifier, rawIdOf } from './acs-identifier.ts';
import { createSilentPrompt } from './acs-prompts.ts';
import { AcsApiError, badRequest } from './acs-reply.ts';
import type { createSchema, PlaySource, playSchema, sendTonesSchema, transferSchema } from './acs-requests.ts';
import { type AcsResult, acsResults } from './acs-result.ts';
import { ringUp } from './acs-ringing.ts';
import { patchPhones } from './phone-patch.ts';

/** What the documented limits of the calling clients say. */
const transferTimeoutMs = 60_000;
const toneMs = 250;
const fetchTimeoutMs = 5_000;

export function transfer(call: AcsCall, context: AcsContext, body: z.output<typeof transferSchema>): void {
  const number = requireParty(body.targetParticipant);
  requireCallerId(body.sourceCallerIdNumber, context, 'transfer');
  call.step('transfer-started');
  const fail = (result: AcsResult) => {
    if (call.step('transfer-failed')) call.events.emit('CallTransferFailed', {}, result, body);
  };
  ringUp(context, { from: call.number, to: number, timeoutMs: transferTimeoutMs }, fail, (target) => {
    if (call.phase !== 'transferring') return target.lineClosed();
    const data = { transferTarget: formatParty(number), transferee: formatParty(call.number) };
    call.events.emit('CallTransferAccepted', data, acsResults.transferAccepted, body);
    const phone = call.finish('transfer', acsResults.leftAfterTransfer, true);
    if (phone) patchPhones(phone, target, context.signal);
  });
}

export async function play(call: AcsCall, context: AcsContext, body: z.output<typeof playSchema>): Promise<void> {
  if (body.interruptCallMediaOperation) call.prompts.cancel();
  const pieces = await Promise.all(body.playSources.map((source) => renderSource(source, context))).catch(
    () => undefined,
  );
  if (!pieces) {
    call.events.emit('PlayFailed', {}, acsResults.fileNotFound, body);
    return;
  }
  const samples = new Int16Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let position = 0;
  for (const piece of pieces) {
    samples.set(piece, position);
    position += piece.length;
  }
  const added = call.prompts.add({
    samples,
    loop: body.playOptions?.loop ?? false,
    onStarted: () => call.events.emit('PlayStarted', {}, acsResults.done, body),
    onCompleted: () => call.events.emit('PlayCompleted', {}, acsResults.done, body),
    onCanceled: () => call.events.emit('PlayCanceled', {}, acsResults.operationCanceled, body),
  });
  if (!added) throw badRequest('Invalid request: too many prompts wait to be played.');
}

export function sendTones(call: AcsCall, context: AcsContext, body: z.output<typeof sendTonesSchema>): void {
  context.timers.after(toneMs * body.tones.length, () => {
    if (call.phase !== 'disconnected') call.events.emit('SendDtmfTonesCompleted', {}, acsResults.done, body);
  });
}

export function requireInCall(call: AcsCall, identifier: Identifier): void {
  const rawId = rawIdOf(identifier);
  if (!call.participants.some((participant) => participant.identifier.rawId === rawId))
    throw badRequest(`Invalid request: the participant ${rawId} is not in the call.`);
}

/** Undefined: the number may be shown to whom the call goes. */
export function refuseCallerId(number: string, context: AcsContext): AcsResult | undefined {
  return number === context.phoneNumber ? undefined : acsResults.callerIdNotAllowed;
}

export function requireParty(identifier: Identifier): string {
  const party = findParty(identifier);
  if (!party) throw badRequest('Invalid request: the identifier is of no kind that can be called.');
  return findNumber(identifier) === undefined ? party : requireNumber(identifier);
}

export function requireNumber(identifier: Identifier): string {
  const number = findNumber(identifier);
  if (!number) throw badRequest('Invalid request: this stand-in adds and moves phone numbers only.');
  if (!/^\+[1-9]\d{3,14}$/.test(number)) throw badRequest('Invalid request: the phone number is not in E.164 form.');
  return number;
}

/** Undefined: the caller may call this party as who they say they are. Throws for what the service refuses at once. */
export function refuseCaller(
  party: string,
  { sourceCallerIdNumber, teamsAppSource }: z.output<typeof createSchema>,
  context: AcsContext,
): AcsResult | undefined {
  if (teamsAppSource) {
    // How the service says it is not known to us.
    if (!context.teamsAccounts.has(teamsAppSource.appId.toLowerCase()))
      throw new AcsApiError({
        status: 403,
        code: 'Forbidden',
        message: 'The Teams resource account is not provisioned for this resource.',
      });
    return undefined;
  }
  if (party.startsWith('8:acs:')) return undefined;
  if (!party.startsWith('+')) throw badRequest('Invalid request: teamsAppSource is required to call Teams.');
  if (!sourceCallerIdNumber) throw badRequest('Invalid request: sourceCallerIdNumber is required for a phone.');
  return refuseCallerId(sourceCallerIdNumber.value, context);
}

export function requireCallerId(
  given: { readonly value: string } | null | undefined,
  context: AcsContext,
  what: string,
): void {
  // A transfer of a phone call may go without; the number of the call is shown then.
  if (!given && what !== 'transfer') throw badRequest('Invalid request: sourceCallerIdNumber is required for a phone.');
  if (given && refuseCallerId(given.value, context))
    throw badRequest('Invalid request: sourceCallerIdNumber is not a number of this resource.');
}

async function renderSource(source: PlaySource, context: AcsContext): Promise<Int16Array> {
  switch (source.kind) {
    case 'file':
      return fetchFile(source.file.uri);
    case 'text':
      return render(source.text.text, context);
    case 'ssml':
      return render(source.ssml.ssmlText.replace(/<[^>]*>/g, ' ').trim(), context);
    default:
      return source satisfies never;
  }
}

/** The service plays WAV files of one channel, 16 bits and 16 kHz. */
async function fetchFile(uri: string): Promise<Int16Array> {
  const response = await fetch(uri, { signal: AbortSignal.timeout(fetchTimeoutMs) });
  if (!response.ok) throw new Error(`${response.status} for ${uri}`);
  const { samples, sampleRate } = parseWav(new Uint8Array(await response.arrayBuffer()));
  if (sampleRate !== phoneSampleRate) throw new Error(`the file has ${sampleRate} Hz`);
  return samples;
}

async function render(text: string, context: AcsContext): Promise<Int16Array> {
  return (await context.speak?.(text)) ?? createSilentPrompt(text.length, context.timeScale);
}
