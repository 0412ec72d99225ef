// Writes the events of one response in the order of the live services, and keeps what it is made of.
import type { AudioFormat } from '../voice/audio-format.ts';
import { encodeWireAudio } from './audio-wire.ts';
import type { Conversation, ItemRecord, WireItem } from './conversation.ts';
import type { Dialect } from './dialect.ts';
import { createPadding, createWireId } from './wire-id.ts';

export type ResponseStatus = 'completed' | 'cancelled' | 'failed' | 'incomplete';
export type Send = (event: Record<string, unknown> & { type: string }) => void;

export interface ResponseFrame {
  readonly dialect: Dialect;
  readonly send: Send;
  /** Undefined for a response out of band: its items join no conversation. */
  readonly conversation: Conversation | undefined;
  readonly format: AudioFormat;
  readonly textOnly: boolean;
  /** Of the session: voice and format as the service repeats them. */
  readonly wire: Record<string, unknown>;
  readonly metadata: unknown;
  /** A text model with recogniser and synthesiser around it names and marks its items otherwise. */
  readonly cascade: boolean;
}

export class ResponseWriter {
  readonly id = createWireId('resp');
  readonly #frame: ResponseFrame;
  #output: WireItem[] = [];
  #open: { record: ItemRecord; previousId: string | null; words: string; place: object } | undefined;
  #spokenMs = 0;
  #outputTokens = 0;

  constructor(frame: ResponseFrame) {
    this.#frame = frame;
  }

  get itemId(): string | undefined {
    return this.#open?.record.item.id;
  }

  created(): void {
    this.#frame.send({ type: 'response.created', response: this.#describe('in_progress', null, null) });
  }

  /** Begins a message; its words and its audio come next. */
  openMessage(): void {
    const { send, cascade } = this.#frame;
    const item = this.#createItem(cascade ? 'msg' : 'item', {
      type: 'message',
      status: cascade ? 'incomplete' : 'in_progress',
      role: 'assistant',
      content: [],
    });
    this.#add(item);
    send({ type: 'response.content_part.added', ...this.#open!.place, ...this.#part('') });
  }

  word(delta: string): void {
    const { dialect, send, textOnly } = this.#frame;
    const open = this.#open!;
    open.words += delta;
    open.record.text = open.words;
    this.#outputTokens++;
    const padding = dialect.padded ? { obfuscation: createPadding() } : {};
    send({ type: textOnly ? dialect.textDelta : dialect.transcriptDelta, ...open.place, delta, ...padding });
  }

  audio(samples: Int16Array): void {
    const { dialect, send, format } = this.#frame;
    const open = this.#open!;
    const ms = (samples.length * 1000) / format.sampleRate;
    open.record.audioMs += ms;
    this.#spokenMs += ms;
    send({ type: dialect.audioDelta, ...open.place, delta: encodeWireAudio(samples, format) });
  }

  /** Ends the message: `incomplete` if it was cut short. */
  closeMessage(status: 'completed' | 'incomplete'): void {
    const { dialect, send, textOnly } = this.#frame;
    const { place, words, record, previousId } = this.#open!;
    if (textOnly) {
      send({ type: dialect.textDone, ...place, text: words });
    } else {
      send({ type: dialect.audioDone, ...place });
      send({ type: dialect.transcriptDone, ...place, transcript: words });
    }
    send({ type: 'response.content_part.done', ...place, ...this.#part(words) });
    const content = textOnly
      ? { type: dialect.textContent, text: words }
      : { type: dialect.audioContent, transcript: words };
    record.item = { ...record.item, status, content: [content] };
    this.#done(record, previousId);
  }

  /** A whole function call. The pieces of its arguments are those of a tokenizer: small. */
  call(name: string, argumentsText: string): ItemRecord {
    const { send } = this.#frame;
    const callId = createWireId('call');
    const call = { type: 'function_call', status: 'in_progress', name, call_id: callId, arguments: '' };
    this.#add(this.#createItem('item', call));
    const { record, previousId, place } = this.#open!;
    const { content_index: _, ...callPlace } = place as Record<string, unknown>;
    for (const delta of argumentsText.match(/[\s\S]{1,6}/g) ?? []) {
      this.#outputTokens++;
      const padding = this.#frame.dialect.padded ? { obfuscation: createPadding() } : {};
      send({ type: 'response.function_call_arguments.delta', ...callPlace, call_id: callId, delta, ...padding });
    }
    send({
      type: 'response.function_call_arguments.done',
      ...callPlace,
      call_id: callId,
      name,
      arguments: argumentsText,
    });
    record.item = { ...record.item, status: 'completed', arguments: argumentsText };
    this.#done(record, previousId);
    return record;
  }

  /** Ends the response, and the message that is still open. */
  done(status: ResponseStatus, details: object | null): void {
    if (this.#open) this.closeMessage(status === 'completed' ? 'completed' : 'incomplete');
    this.#frame.send({ type: 'response.done', response: this.#describe(status, details, this.#usage()) });
  }

  get spokenMs(): number {
    return this.#spokenMs;
  }

  #createItem(kind: 'item' | 'msg', fields: Record<string, unknown> & { type: string }): WireItem {
    const object = this.#frame.dialect.itemObject ? { object: 'realtime.item' } : {};
    return { id: createWireId(kind), ...object, ...fields };
  }

  #add(item: WireItem): void {
    const { conversation, dialect, send } = this.#frame;
    const { record, previousId } = conversation?.append(item) ?? {
      record: { item, text: undefined, audioMs: 0 },
      previousId: null,
    };
    const base = { response_id: this.id, output_index: this.#output.length };
    this.#open = { record, previousId, words: '', place: { ...base, item_id: item.id, content_index: 0 } };
    send({ type: 'response.output_item.added', ...base, item });
    if (conversation) send({ type: dialect.itemAdded, previous_item_id: previousId, item });
  }

  #done(record: ItemRecord, previousId: string | null): void {
    const { conversation, dialect, send } = this.#frame;
    const { item } = record;
    if (conversation && dialect.tellsItemsDone) {
      send({ type: 'conversation.item.done', previous_item_id: previousId, item });
    }
    send({ type: 'response.output_item.done', response_id: this.id, output_index: this.#output.length, item });
    this.#output.push(item);
    this.#open = undefined;
  }

  #part(words: string): object {
    const { dialect, textOnly } = this.#frame;
    // Seen live: parts are `audio` and `text` in both dialects, and GA repeats them under a second key.
    const part = textOnly ? { type: 'text', text: words } : { type: 'audio', transcript: words };
    return dialect.padded ? { part, content: part } : { part };
  }

  #usage(): object {
    // Seen live: one output token is 50 ms of audio.
    const audio = Math.round(this.#spokenMs / 50);
    const cached = { text_tokens: 0, audio_tokens: 0, image_tokens: 0 };
    const input = { ...cached, text_tokens: 20, cached_tokens: 0, cached_tokens_details: cached };
    const reasoning = this.#frame.dialect.name === 'voice-live' ? { reasoning_tokens: 0 } : {};
    return {
      total_tokens: 20 + this.#outputTokens + audio,
      input_tokens: 20,
      output_tokens: this.#outputTokens + audio,
      input_token_details: input,
      output_token_details: { text_tokens: this.#outputTokens, audio_tokens: audio, ...reasoning },
    };
  }

  #describe(status: string, details: object | null, usage: object | null): object {
    const { conversation, cascade, wire, metadata } = this.#frame;
    return {
      object: 'realtime.response',
      id: this.id,
      status,
      status_details: details,
      output: this.#output,
      conversation_id: cascade ? '' : (conversation?.id ?? null),
      ...wire,
      usage,
      metadata: metadata ?? null,
    };
  }
}
