// The bodies that the Call Automation API takes; fields it does not know pass, wrong types do not.
import { z } from 'zod';
import { identifierSchema } from './acs-identifier.ts';

const lower = (...values: [string, ...string[]]) =>
  z
    .string()
    .transform((text) => text.toLowerCase())
    .pipe(z.enum(values));

const absoluteUrl = z.string().refine((text) => URL.canParse(text), 'is not an absolute URL');

export const mediaOptionsSchema = z.object({
  transportType: lower('websocket'),
  audioChannelType: lower('mixed', 'unmixed'),
  transportUrl: absoluteUrl,
  contentType: lower('audio').nullish(),
  startMediaStreaming: z.boolean().nullish(),
  enableBidirectional: z.boolean().nullish(),
  /** Microsoft's own sample writes `Pcm24KMono`: the case does not matter. */
  audioFormat: lower('pcm16kmono', 'pcm24kmono').nullish(),
  enableDtmfTones: z.boolean().nullish(),
});
export type MediaOptions = z.output<typeof mediaOptionsSchema>;

const call = {
  callbackUri: absoluteUrl,
  operationContext: z.string().nullish(),
  mediaStreamingOptions: mediaOptionsSchema.nullish(),
};
const phoneNumber = z.object({ value: z.string() });
const operation = { operationContext: z.string().nullish(), operationCallbackUri: absoluteUrl.nullish() };

export const answerSchema = z.object({ incomingCallContext: z.string(), ...call });
export const rejectSchema = z.object({ incomingCallContext: z.string(), callRejectReason: z.string().nullish() });
export const createSchema = z.object({
  targets: z.array(identifierSchema).min(1),
  sourceCallerIdNumber: phoneNumber.nullish(),
  sourceDisplayName: z.string().nullish(),
  teamsAppSource: z.object({ appId: z.guid(), cloud: z.string().nullish() }).nullish(),
  ...call,
});
export const transferSchema = z.object({
  targetParticipant: identifierSchema,
  transferee: identifierSchema.nullish(),
  sourceCallerIdNumber: phoneNumber.nullish(),
  ...operation,
});
export const addParticipantSchema = z.object({
  participantToAdd: identifierSchema,
  sourceCallerIdNumber: phoneNumber.nullish(),
  invitationTimeoutInSeconds: z.number().int().min(0).max(180).nullish(),
  ...operation,
});
export const removeParticipantSchema = z.object({ participantToRemove: identifierSchema, ...operation });
export const moveParticipantsSchema = z.object({
  targetParticipants: z.array(identifierSchema).min(1),
  fromCall: z.string().min(1),
  ...operation,
});

const playSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('file'), file: z.object({ uri: absoluteUrl }) }),
  z.object({ kind: z.literal('text'), text: z.object({ text: z.string().min(1), voiceName: z.string().nullish() }) }),
  z.object({ kind: z.literal('ssml'), ssml: z.object({ ssmlText: z.string().min(1) }) }),
]);
export type PlaySource = z.output<typeof playSource>;
export const playSchema = z.object({
  playSources: z.array(playSource).min(1),
  playTo: z.array(identifierSchema).nullish(),
  playOptions: z.object({ loop: z.boolean().nullish() }).nullish(),
  interruptCallMediaOperation: z.boolean().nullish(),
  ...operation,
});

export const toneNames = {
  '0': 'zero',
  '1': 'one',
  '2': 'two',
  '3': 'three',
  '4': 'four',
  '5': 'five',
  '6': 'six',
  '7': 'seven',
  '8': 'eight',
  '9': 'nine',
  a: 'a',
  b: 'b',
  c: 'c',
  d: 'd',
  '#': 'pound',
  '*': 'asterisk',
} as const;
export const sendTonesSchema = z.object({
  tones: z.array(z.enum(Object.values(toneNames))).min(1),
  targetParticipant: identifierSchema,
  ...operation,
});
export const continuousTonesSchema = z.object({ targetParticipant: identifierSchema, ...operation });
export const mediaStreamingSchema = z.object(operation);
