// Reads a frame of audio as Twilio writes it, by its bytes: fifty times a second a call. Whatever is written otherwise is left to the parser.
import { Base64Audio } from '../wire/base64-audio.ts';
import { MessageCursor, ownBytes } from '../wire/message-cursor.ts';
import type { TwilioMessage } from './twilio-messages.ts';

const opening = Buffer.from('{"event":"media","sequenceNumber":"');
const media = Buffer.from('","media":{"track":"inbound","chunk":"');
const timestamp = Buffer.from('","timestamp":"');
const payload = Buffer.from('","payload":"');
/** Of all calls: a message is read to its end before the next one is. */
const cursor = new MessageCursor();
const base64Audio = new Base64Audio();

export class TwilioAudioReader {
  readonly #closing: Buffer;

  constructor(streamSid: string) {
    this.#closing = ownBytes(`"},"streamSid":"${streamSid}"}`);
  }

  /** What `parseTwilioMessage` would make of it, or undefined. Its audio holds until the next message. */
  read(bytes: Buffer, start: number, end: number): Extract<TwilioMessage, { type: 'media' }> | undefined {
    cursor.open(bytes, start, end);
    if (!cursor.pass(opening) || !cursor.passText() || !cursor.pass(media) || !cursor.passText()) return undefined;
    if (!cursor.pass(timestamp) || !cursor.passNumber()) return undefined;
    const timestampMs = cursor.number;
    if (!cursor.pass(payload) || !cursor.passUpTo(this.#closing)) return undefined;
    const audio = base64Audio.decode(cursor);
    return audio && { type: 'media', track: 'inbound', timestampMs, audio };
  }
}
