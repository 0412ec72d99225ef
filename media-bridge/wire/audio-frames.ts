// Writes messages that are the same but for their audio: each as one frame, in memory that is used again, with one write.
import type { Duplex } from 'node:stream';
import { headerBytes, maskBytes, maxPayloadBytes, writeTextHeader } from './frame-header.ts';
import { MaskedBytes, MaskingKeys } from './masked-bytes.ts';

/** Frames on their way to a peer that does not read, or to TLS; what is beyond has memory of its own. */
const maxKept = 8;

/** A message: the audio in base64, and what stands around it, which is plain ASCII. */
export interface AudioMessage {
  readonly before: string;
  readonly after: string;
}

interface KeptFrame {
  readonly memory: MaskedBytes;
  readonly frame: Buffer;
}

export class AudioFrames {
  readonly #socket: Duplex;
  readonly #message: AudioMessage;
  readonly #keys: MaskingKeys | undefined;
  /** All for messages of the same length: those of a line are. */
  #kept: KeptFrame[] = [];
  #keptPayloadBytes = 0;
  /** So many of them may still be read. */
  #busy = 0;

  /** `isMasked`: towards a server. */
  constructor(socket: Duplex, message: AudioMessage, isMasked: boolean) {
    this.#socket = socket;
    this.#message = message;
    this.#keys = isMasked ? new MaskingKeys() : undefined;
  }

  /** False, and nothing is sent, for more audio than one frame takes. */
  send(audio: Buffer): boolean {
    const { before, after } = this.#message;
    const text = audio.toString('base64');
    const payloadBytes = before.length + text.length + after.length;
    if (payloadBytes > maxPayloadBytes) return false;
    const { memory, frame } = this.#take(payloadBytes);
    const start = headerBytes(payloadBytes, this.#keys !== undefined);
    frame.write(text, start + before.length, 'latin1');
    if (this.#keys) {
      frame.write(before, start, 'latin1');
      frame.write(after, frame.length - after.length, 'latin1');
      this.#mask(memory, frame, start);
    }
    this.#socket.write(frame);
    return true;
  }

  /** Of the mask, and without it of all but the audio, what a frame was given once stays in it. */
  #take(payloadBytes: number): KeptFrame {
    if (payloadBytes !== this.#keptPayloadBytes) {
      this.#kept = [];
      this.#keptPayloadBytes = payloadBytes;
      this.#busy = 0;
    }
    if (this.#socket.writableLength === 0) this.#busy = 0;
    const kept = this.#kept[this.#busy];
    this.#busy += 1;
    if (kept) return kept;
    const made = this.#create(payloadBytes);
    if (this.#kept.length < maxKept) this.#kept.push(made);
    return made;
  }

  #create(payloadBytes: number): KeptFrame {
    const { before, after } = this.#message;
    const start = headerBytes(payloadBytes, this.#keys !== undefined);
    // The payload of a longer message begins at 8, where masks are put on by words.
    const memory = new MaskedBytes(start + payloadBytes);
    const frame = memory.bytes.subarray(0, start + payloadBytes);
    writeTextHeader(frame, payloadBytes, this.#keys !== undefined);
    frame.write(before, start, 'latin1');
    frame.write(after, frame.length - after.length, 'latin1');
    return { memory, frame };
  }

  #mask(memory: MaskedBytes, frame: Buffer, start: number): void {
    const key = this.#keys!.take();
    frame.writeInt32LE(key, start - maskBytes);
    if (start % 4 === 0) {
      memory.apply(key, start, frame.length);
      return;
    }
    for (let i = start; i < frame.length; i++) frame[i]! ^= frame[start - maskBytes + ((i - start) & 3)]!;
  }
}
