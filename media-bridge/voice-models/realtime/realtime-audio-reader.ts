// Reads a piece of a reply's audio as the services write it, by its bytes. Whatever is written otherwise is left to the parser.
import { Base64Audio } from '../../wire/base64-audio.ts';
import { MessageCursor, RepeatedText } from '../../wire/message-cursor.ts';
import type { RealtimeEvent } from './realtime-messages.ts';

const opening = Buffer.from('{"type":"response.');
const current = Buffer.from('output_audio.delta","');
const preview = Buffer.from('audio.delta","');
const eventId = Buffer.from('event_id":"');
const responseId = Buffer.from('","response_id":"');
const itemId = Buffer.from('","item_id":"');
const outputIndex = Buffer.from('","output_index":');
const contentIndex = Buffer.from(',"content_index":');
const delta = Buffer.from(',"delta":"');
const closing = Buffer.from('"}');
/** Of all calls: a message is read to its end before the next one is. */
const cursor = new MessageCursor();
const base64Audio = new Base64Audio();

export class RealtimeAudioReader {
  readonly #responseId = new RepeatedText();
  readonly #itemId = new RepeatedText();

  /** What `parseRealtimeEvent` would make of it, or undefined. Its audio holds until the next message. */
  read(bytes: Buffer, start: number, end: number): Extract<RealtimeEvent, { type: 'audio' }> | undefined {
    cursor.open(bytes, start, end);
    if (!cursor.pass(opening) || !(cursor.pass(current) || cursor.pass(preview))) return undefined;
    if (!cursor.pass(eventId) || !cursor.passText() || !cursor.pass(responseId) || !cursor.passText()) return undefined;
    const response = this.#responseId.read(cursor);
    if (!cursor.pass(itemId) || !cursor.passText()) return undefined;
    const item = this.#itemId.read(cursor);
    if (response === '' || item === '') return undefined;
    if (!cursor.pass(outputIndex) || !cursor.passNumber() || !cursor.pass(contentIndex) || !cursor.passNumber())
      return undefined;
    const index = cursor.number;
    if (!cursor.pass(delta) || !cursor.passUpTo(closing)) return undefined;
    const audio = base64Audio.decode(cursor);
    return audio && { type: 'audio', responseId: response, itemId: item, contentIndex: index, audio };
  }
}
