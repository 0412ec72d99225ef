// Reads a piece of a reply's audio, or of its words, as the services write it, by its bytes. Whatever is written otherwise is left to the parser.
import { Base64Audio } from '../../wire/base64-audio.ts';
import { MessageCursor, RepeatedText } from '../../wire/message-cursor.ts';
import type { RealtimeEvent } from './realtime-messages.ts';

const opening = Buffer.from('{"type":"response.');
const currentAudio = Buffer.from('output_audio.delta","');
const previewAudio = Buffer.from('audio.delta","');
const currentWords = Buffer.from('output_audio_transcript.delta","');
const previewWords = Buffer.from('audio_transcript.delta","');
const eventId = Buffer.from('event_id":"');
const responseId = Buffer.from('","response_id":"');
const itemId = Buffer.from('","item_id":"');
const outputIndex = Buffer.from('","output_index":');
const contentIndex = Buffer.from(',"content_index":');
const delta = Buffer.from(',"delta":"');
/** Hides how long the words are. */
const obfuscation = Buffer.from('","obfuscation":"');
const closing = Buffer.from('"}');
/** Of all calls: a message is read to its end before the next one is. */
const cursor = new MessageCursor();
const base64Audio = new Base64Audio();

export class RealtimeDeltaReader {
  readonly #responseId = new RepeatedText();
  readonly #itemId = new RepeatedText();

  /** What `parseRealtimeEvent` would make of it, or undefined. Audio holds until the next message. */
  read(bytes: Buffer, start: number, end: number): Extract<RealtimeEvent, { type: 'audio' | 'words' }> | undefined {
    cursor.open(bytes, start, end);
    if (!cursor.pass(opening)) return undefined;
    const isAudio = cursor.pass(currentAudio) || cursor.pass(previewAudio);
    if (!isAudio && !cursor.pass(currentWords) && !cursor.pass(previewWords)) return undefined;
    if (!cursor.pass(eventId) || !cursor.passText() || !cursor.pass(responseId) || !cursor.passText()) return undefined;
    const response = this.#responseId.read(cursor);
    if (!cursor.pass(itemId) || !cursor.passText()) return undefined;
    const item = this.#itemId.read(cursor);
    if (response === '' || item === '') return undefined;
    if (!cursor.pass(outputIndex) || !cursor.passNumber() || !cursor.pass(contentIndex) || !cursor.passNumber())
      return undefined;
    const index = cursor.number;
    if (!cursor.pass(delta)) return undefined;
    if (!isAudio) {
      const words = readWords();
      return words === undefined ? undefined : { type: 'words', responseId: response, itemId: item, delta: words };
    }
    if (!cursor.passUpTo(closing)) return undefined;
    const audio = base64Audio.decode(cursor);
    return audio && { type: 'audio', responseId: response, itemId: item, contentIndex: index, audio };
  }
}

/** Of plain ASCII. */
function readWords(): string | undefined {
  if (!cursor.passText()) return undefined;
  const words = cursor.readText();
  if (cursor.pass(obfuscation) && !cursor.passText()) return undefined;
  return cursor.pass(closing) && cursor.isAtEnd ? words : undefined;
}
