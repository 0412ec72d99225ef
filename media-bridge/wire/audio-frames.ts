// Writes messages that are the same but for their audio: each as one frame, with one write, and without memory of its own.
import type { Duplex } from 'node:stream';
import { headerBytes, maskBytes, maxPayloadBytes, writeTextHeader } from './frame-header.ts';
import { FrameMemory } from './frame-memory.ts';
import { MaskingKeys } from './masking-keys.ts';
import { wireKernel } from './shared-wire-kernel.ts';

/** A message: the audio in base64, and what stands around it, which is plain ASCII. */
export interface AudioMessage {
  readonly before: string;
  readonly after: string;
}

export class AudioFrames {
  readonly #memory: FrameMemory;
  readonly #before: string;
  readonly #after: string;
  readonly #keys: MaskingKeys | undefined;

  /** `isMasked`: towards a server. */
  constructor(socket: Duplex, { before, after }: AudioMessage, isMasked: boolean) {
    this.#memory = new FrameMemory(socket);
    this.#before = before;
    this.#after = after;
    this.#keys = isMasked ? new MaskingKeys() : undefined;
  }

  /** False, and nothing is sent, for more audio than one frame takes. */
  send(audio: Buffer): boolean {
    const before = this.#before;
    const after = this.#after;
    const keys = this.#keys;
    const payloadBytes = before.length + Math.ceil(audio.length / 3) * 4 + after.length;
    if (payloadBytes > maxPayloadBytes) return false;
    const { frame, said } = wireKernel;
    const start = headerBytes(payloadBytes, keys !== undefined);
    const end = start + payloadBytes;
    writeTextHeader(frame, payloadBytes, keys !== undefined);
    for (let i = 0; i < before.length; i++) frame[start + i] = before.charCodeAt(i);
    said.set(audio);
    wireKernel.encode(audio.length, start + before.length);
    for (let i = 0; i < after.length; i++) frame[end - after.length + i] = after.charCodeAt(i);
    if (keys) {
      const key = keys.take();
      frame.writeInt32LE(key, start - maskBytes);
      wireKernel.mask(start, end, key);
    }
    this.#memory.send(frame, end);
    return true;
  }
}
