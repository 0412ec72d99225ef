// Reads a frame of audio as ACS writes it, by its bytes: fifty times a second a call. Whatever is written otherwise is left to the parser.
import { Base64Audio } from '../wire/base64-audio.ts';
import { MessageCursor, RepeatedText } from '../wire/message-cursor.ts';
import type { AcsMessage } from './acs-messages.ts';

const opening = Buffer.from('{"kind":"AudioData","audioData":{"');
const timestamp = Buffer.from('timestamp":"');
const participant = Buffer.from('","participantRawID":"');
const data = Buffer.from('","data":"');
const silentEnd = Buffer.from('","silent":true}}');
const soundEnd = Buffer.from('","silent":false}}');
/** Of all calls: a message is read to its end before the next one is. */
const cursor = new MessageCursor();
const base64Audio = new Base64Audio();

export class AcsAudioReader {
  readonly #participant = new RepeatedText();

  /** What `parseAcsMessage` would make of it, or undefined. Its audio holds until the next message. */
  read(bytes: Buffer, start: number, end: number): Extract<AcsMessage, { type: 'audio' }> | undefined {
    cursor.open(bytes, start, end);
    if (!cursor.pass(opening) || !cursor.pass(timestamp) || !cursor.passText()) return undefined;
    // A mixed stream names nobody.
    const isNamed = cursor.pass(participant);
    if (isNamed && !cursor.passText()) return undefined;
    const speaker = isNamed ? this.#participant.read(cursor) : undefined;
    if (!cursor.pass(data)) return undefined;
    const silent = !cursor.passUpTo(soundEnd);
    if (silent && !cursor.passUpTo(silentEnd)) return undefined;
    const audio = base64Audio.decode(cursor);
    if (!audio || audio.length % 2 !== 0) return undefined;
    return { type: 'audio', audio, silent, participant: speaker };
  }
}
