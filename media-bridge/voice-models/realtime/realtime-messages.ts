// Reads and writes the JSON events that Azure OpenAI Realtime and Voice Live share: the only place that knows their names.
// https://learn.microsoft.com/azure/ai-foundry/openai/realtime-audio-reference and the same of Voice Live
import type { RealtimeClientEvent } from 'openai/resources/realtime/realtime';
import { z } from 'zod';
import { formatServiceWord } from '../../../shared/service-word.ts';

/** A session as the service describes it; its shape is the dialect's. */
export type WireSession = Readonly<Record<string, unknown>>;

/** One WebSocket text message holds one of these. Audio is base64 of bare samples in the format that the session settled on. */
export type RealtimeEvent =
  | { type: 'session-created'; session: WireSession }
  | { type: 'session-updated'; session: WireSession }
  /** `itemId`: of the item that the turn will be. */
  | { type: 'speech-started'; itemId: string | undefined }
  | { type: 'speech-stopped'; itemId: string | undefined }
  /** An item joined the conversation, one of ours too. */
  | { type: 'item-added'; itemId: string }
  | { type: 'caller-words'; itemId: string; delta: string }
  | { type: 'caller-transcribed'; itemId: string; text: string }
  | { type: 'transcription-failed'; code: string }
  | { type: 'response-created'; responseId: string }
  /** The model begins to speak; its words and audio come next. */
  | { type: 'message-started'; responseId: string; itemId: string }
  | { type: 'words'; responseId: string; itemId: string; delta: string }
  | { type: 'words-finished'; responseId: string; itemId: string; text: string }
  | { type: 'audio'; responseId: string; itemId: string; contentIndex: number; audio: Buffer }
  | { type: 'tool-called'; responseId: string; toolCallId: string; name: string; input: string }
  /** `code` tells why a response failed or is incomplete; `audioMs`: how much sound was made of it. */
  | { type: 'response-done'; responseId: string; status: ResponseStatus; code: string | undefined; audioMs: number }
  /** Of a service that plays its replies to the caller itself. */
  | { type: 'playout'; responseId: string; state: 'started' | 'stopped' | 'cleared' }
  /** `eventId`: of the event of ours that is to blame. */
  | { type: 'error'; code: string; message: string; eventId: string | undefined }
  /** Part of every conversation, and of no interest here. */
  | { type: 'routine' }
  | { type: 'unknown'; name: string }
  | { type: 'malformed' };

export type ResponseStatus = 'completed' | 'cancelled' | 'failed' | 'incomplete';

/** Of output, as live sessions count it. */
const msPerAudioToken = 50;

const id = z.string().min(1);
const usage = z.object({ output_token_details: z.object({ audio_tokens: z.number().min(0) }).nullish() });
const session = z.record(z.string(), z.unknown());
const place = z.object({ response_id: id, item_id: id, content_index: z.number().int().min(0).default(0) });
/** It goes into logs and into our own errors. */
const code = z.string().transform(formatServiceWord).nullish();

const itemAdded = z
  .object({ item: z.object({ id }) })
  .transform(({ item }) => event('item-added', { itemId: item.id }));
const speech = z.object({ item_id: id.nullish() });
const words = place
  .extend({ delta: z.string() })
  .transform(({ response_id, item_id, delta }) => event('words', { responseId: response_id, itemId: item_id, delta }));
const wordsFinished = place
  .extend({ transcript: z.string() })
  .transform(({ response_id, item_id, transcript: text }) =>
    event('words-finished', { responseId: response_id, itemId: item_id, text }),
  );
const audio = place.extend({ delta: z.string() }).transform(({ response_id, item_id, content_index, delta }) =>
  event('audio', {
    responseId: response_id,
    itemId: item_id,
    contentIndex: content_index,
    audio: Buffer.from(delta, 'base64'),
  }),
);
const playout = (state: 'started' | 'stopped' | 'cleared') =>
  z.object({ response_id: id }).transform(({ response_id }) => event('playout', { responseId: response_id, state }));
const routine = z.unknown().transform(() => event('routine', {}));

/** GA renamed half of the preview's events; Voice Live kept those. No name means two things, so both are read. */
const schemas: ReadonlyMap<string, z.ZodType<RealtimeEvent>> = new Map<string, z.ZodType<RealtimeEvent>>([
  ['session.created', z.object({ session }).transform(({ session }) => event('session-created', { session }))],
  ['session.updated', z.object({ session }).transform(({ session }) => event('session-updated', { session }))],
  [
    'input_audio_buffer.speech_started',
    speech.transform(({ item_id }) => event('speech-started', { itemId: item_id ?? undefined })),
  ],
  [
    'input_audio_buffer.speech_stopped',
    speech.transform(({ item_id }) => event('speech-stopped', { itemId: item_id ?? undefined })),
  ],
  ['conversation.item.added', itemAdded],
  ['conversation.item.created', itemAdded],
  [
    'conversation.item.input_audio_transcription.delta',
    z
      .object({ item_id: id, delta: z.string().nullish() })
      .transform(({ item_id, delta }) => event('caller-words', { itemId: item_id, delta: delta ?? '' })),
  ],
  [
    'conversation.item.input_audio_transcription.completed',
    z
      .object({ item_id: id, transcript: z.string() })
      .transform(({ item_id, transcript }) => event('caller-transcribed', { itemId: item_id, text: transcript })),
  ],
  [
    'conversation.item.input_audio_transcription.failed',
    z
      .object({ error: z.object({ code }).nullish() })
      .transform(({ error }) => event('transcription-failed', { code: error?.code ?? 'none' })),
  ],
  [
    'response.created',
    z
      .object({ response: z.object({ id }) })
      .transform(({ response }) => event('response-created', { responseId: response.id })),
  ],
  [
    'response.output_item.added',
    z
      .object({ response_id: id, item: z.object({ id, type: z.string() }) })
      .transform(({ response_id, item }) =>
        item.type === 'message'
          ? event('message-started', { responseId: response_id, itemId: item.id })
          : event('routine', {}),
      ),
  ],
  ['response.output_audio_transcript.delta', words],
  ['response.audio_transcript.delta', words],
  ['response.output_audio_transcript.done', wordsFinished],
  ['response.audio_transcript.done', wordsFinished],
  ['response.output_audio.delta', audio],
  ['response.audio.delta', audio],
  [
    'response.output_item.done',
    // A call that was cut off in the middle is not completed, and must not be made.
    z.union([
      z
        .object({
          response_id: id,
          item: z.object({
            type: z.literal('function_call'),
            status: z.literal('completed'),
            call_id: id,
            name: id,
            arguments: z.string(),
          }),
        })
        .transform(({ response_id, item }) =>
          event('tool-called', {
            responseId: response_id,
            toolCallId: item.call_id,
            name: item.name,
            input: item.arguments,
          }),
        ),
      z.object({ item: z.object({ type: z.string() }) }).transform(() => event('routine', {})),
    ]),
  ],
  [
    'response.done',
    z
      .object({
        response: z.object({
          id,
          status: z.enum(['completed', 'cancelled', 'failed', 'incomplete']),
          status_details: z.object({ reason: code, error: z.object({ code, type: code }).nullish() }).nullish(),
          usage: usage.nullish().catch(undefined),
        }),
      })
      .transform(({ response: { id, status, status_details: details, usage } }) =>
        event('response-done', {
          audioMs: (usage?.output_token_details?.audio_tokens ?? 0) * msPerAudioToken,
          responseId: id,
          status,
          code: details?.error?.code ?? details?.error?.type ?? details?.reason ?? undefined,
        }),
      ),
  ],
  [
    'error',
    z
      .object({
        error: z.object({ code, type: code, message: z.string().default(''), event_id: z.string().nullish() }),
      })
      .transform(({ error }) =>
        event('error', {
          code: error.code ?? error.type ?? 'none',
          message: error.message,
          eventId: error.event_id ?? undefined,
        }),
      ),
  ],
  ['output_audio_buffer.started', playout('started')],
  ['output_audio_buffer.stopped', playout('stopped')],
  ['output_audio_buffer.cleared', playout('cleared')],
  ...[
    'conversation.created',
    'conversation.item.deleted',
    'conversation.item.done',
    'conversation.item.truncated',
    'input_audio_buffer.committed',
    'input_audio_buffer.timeout_triggered',
    'rate_limits.updated',
    'response.audio.done',
    'response.content_part.added',
    'response.content_part.done',
    'response.function_call_arguments.delta',
    'response.function_call_arguments.done',
    'response.output_audio.done',
  ].map((name) => [name, routine] as const),
]);

/** Never throws: what cannot be read is `malformed`, what is not known is `unknown`. */
export function parseRealtimeEvent(text: string): RealtimeEvent {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return { type: 'malformed' };
  }
  if (typeof message !== 'object' || message === null || !('type' in message) || typeof message.type !== 'string') {
    return { type: 'malformed' };
  }
  const schema = schemas.get(message.type);
  if (!schema) return { type: 'unknown', name: message.type };
  return schema.safeParse(message).data ?? { type: 'malformed' };
}

/** When the service will end the session, in Unix time, ms; undefined if it does not tell. */
export function readExpiry(session: WireSession): number | undefined {
  const seconds = session.expires_at;
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined;
}

/** Around audio in the session's input format, in base64, which needs no escaping. */
export const audioAppend = { before: '{"type":"input_audio_buffer.append","audio":"', after: '"}' } as const;

export function formatSessionUpdate(session: object): string {
  return JSON.stringify({ type: 'session.update', session });
}

export function formatCallerText(itemId: string, text: string): string {
  const content = [{ type: 'input_text' as const, text }];
  return format({
    type: 'conversation.item.create',
    item: { id: itemId, type: 'message', role: 'user', content },
  });
}

/** What the agent said before this session. A client cannot give an assistant's audio, only its text. */
export function formatAgentText(text: string, contentType: 'output_text' | 'text'): string {
  const item = { type: 'message', role: 'assistant', content: [{ type: contentType, text }] };
  return JSON.stringify({ type: 'conversation.item.create', item });
}

export function formatToolOutput(itemId: string, toolCallId: string, output: string): string {
  return format({
    type: 'conversation.item.create',
    item: { id: itemId, type: 'function_call_output', call_id: toolCallId, output },
  });
}

/** Forgets what was not heard; `audioEndMs` is whole, and no more than was received. An item of which nothing was heard cannot be truncated: see formatItemDelete. */
export function formatItemTruncate(itemId: string, contentIndex: number, audioEndMs: number): string {
  return format({
    type: 'conversation.item.truncate',
    item_id: itemId,
    content_index: contentIndex,
    audio_end_ms: audioEndMs,
  });
}

export function formatItemDelete(itemId: string): string {
  return format({ type: 'conversation.item.delete', item_id: itemId });
}

/** Of a service that plays its replies itself: what it has not played is not heard. */
export function formatPlayoutClear(): string {
  return format({ type: 'output_audio_buffer.clear' });
}

/** An error about it names `eventId`. */
export function formatResponseCreate(eventId: string, response: object | undefined): string {
  return JSON.stringify({ type: 'response.create', event_id: eventId, response });
}

export function formatResponseCancel(responseId: string): string {
  return format({ type: 'response.cancel', response_id: responseId });
}

function format(clientEvent: RealtimeClientEvent): string {
  return JSON.stringify(clientEvent);
}

type FieldsOf<Type extends RealtimeEvent['type']> = Omit<Extract<RealtimeEvent, { type: Type }>, 'type'>;

function event<Type extends RealtimeEvent['type']>(type: Type, fields: FieldsOf<Type>): RealtimeEvent {
  return { type, ...fields } as unknown as RealtimeEvent;
}
