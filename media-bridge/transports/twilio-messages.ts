// Reads and writes the JSON messages of a Twilio media stream: the only place that knows their names.
// https://www.twilio.com/docs/voice/media-streams/websocket-messages
import { z } from 'zod';

/** Twilio writes every number inside a message as a string; plain ones are taken too. */
const number = z.union([z.string().regex(/^\d{1,15}$/), z.number()]).transform(Number);

/** Two capitals say what it is of. */
const sid = z.string().regex(/^[A-Z]{2}[0-9A-Za-z]{1,62}$/);

const startSchema = z
  .object({
    streamSid: sid,
    start: z.object({
      streamSid: sid.optional(),
      accountSid: sid,
      callSid: sid,
      mediaFormat: z.object({ encoding: z.string(), sampleRate: number, channels: number }),
      customParameters: z.record(z.string(), z.string()).default({}),
    }),
  })
  // Twilio names the stream twice.
  .refine(({ streamSid, start }) => start.streamSid === undefined || start.streamSid === streamSid);
const mediaSchema = z.object({
  media: z.object({ track: z.string().default('inbound'), timestamp: number, payload: z.base64() }),
});
const markSchema = z.object({ mark: z.object({ name: z.string() }) });
const dtmfSchema = z.object({ dtmf: z.object({ digit: z.string().regex(/^[0-9A-D*#]$/) }) });

export interface TwilioStart {
  readonly streamSid: string;
  readonly accountSid: string;
  readonly callSid: string;
  readonly mediaFormat: { readonly encoding: string; readonly sampleRate: number; readonly channels: number };
  /** What the TwiML gave as <Parameter>. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** One WebSocket text message holds one of these. Audio is base64 of mu-law at 8 kHz, mono, 160 bytes a message as a rule. */
export type TwilioMessage =
  | { type: 'connected' }
  | ({ type: 'start' } & TwilioStart)
  /** `timestampMs` counts from the start of the stream. */
  | { type: 'media'; track: string; timestampMs: number; audio: Buffer }
  | { type: 'mark'; name: string }
  | { type: 'dtmf'; digit: string }
  | { type: 'stop' }
  /** Of another stream than ours: nothing in it is for this call. */
  | { type: 'foreign' }
  | { type: 'unknown'; event: string }
  | { type: 'malformed' };

const malformed: TwilioMessage = Object.freeze({ type: 'malformed' });

/**
 * Never throws: what cannot be read is `malformed`, what is not known is `unknown`, and once the stream has its SID what
 * names another one is `foreign`.
 */
export function parseTwilioMessage(text: string, streamSid?: string): TwilioMessage {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return malformed;
  }
  if (typeof json !== 'object' || json === null || !('event' in json) || typeof json.event !== 'string') {
    return malformed;
  }
  if (streamSid !== undefined && 'streamSid' in json && json.streamSid !== streamSid) return { type: 'foreign' };
  switch (json.event) {
    case 'connected':
      return { type: 'connected' };
    case 'start': {
      const { success, data } = startSchema.safeParse(json);
      if (!success) return malformed;
      const { accountSid, callSid, mediaFormat, customParameters } = data.start;
      return {
        type: 'start',
        streamSid: data.streamSid,
        accountSid,
        callSid,
        mediaFormat,
        parameters: customParameters,
      };
    }
    case 'media': {
      const { success, data } = mediaSchema.safeParse(json);
      if (!success) return malformed;
      const { track, timestamp, payload } = data.media;
      return { type: 'media', track, timestampMs: timestamp, audio: Buffer.from(payload, 'base64') };
    }
    case 'mark': {
      const { success, data } = markSchema.safeParse(json);
      return success ? { type: 'mark', name: data.mark.name } : malformed;
    }
    case 'dtmf': {
      const { success, data } = dtmfSchema.safeParse(json);
      return success ? { type: 'dtmf', digit: data.dtmf.digit } : malformed;
    }
    case 'stop':
      return { type: 'stop' };
    default:
      return { type: 'unknown', event: json.event };
  }
}

/** Around any length of mu-law at 8 kHz, without a header, in base64. Twilio plays it behind what it has. A SID needs no escaping. */
export function twilioMedia(streamSid: string): { readonly before: string; readonly after: string } {
  return { before: `{"event":"media","streamSid":"${streamSid}","media":{"payload":"`, after: '"}}' };
}

/** Comes back once everything sent before it was played, and also when a clear flushed it. */
export function formatTwilioMark(streamSid: string, name: string): string {
  return JSON.stringify({ event: 'mark', streamSid, mark: { name } });
}

/** Drops all audio that Twilio has and did not play yet. The marks in it come back at once. */
export function formatTwilioClear(streamSid: string): string {
  return JSON.stringify({ event: 'clear', streamSid });
}
