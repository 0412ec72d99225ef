// What a carrier records of a call: who is on the phone and who answers, on a channel each, but for the pauses.
import { phoneSampleRate } from '../caller/phone.ts';

const headerBytes = 44;

export class StereoTape {
  /** Where the phone is: 0 is left. */
  readonly phoneChannel: 0 | 1;
  readonly #frames: Int16Array[] = [];
  isRunning = true;

  constructor(phoneChannel: 0 | 1) {
    this.phoneChannel = phoneChannel;
  }

  get durationMs(): number {
    return this.#frames.reduce((sum, frame) => sum + frame.length / 2, 0) / (phoneSampleRate / 1000);
  }

  /** 20 ms of both sides. */
  add(spoken: Int16Array, heard: Int16Array): void {
    if (!this.isRunning) return;
    const frame = new Int16Array(spoken.length * 2);
    for (let i = 0; i < spoken.length; i++) {
      frame[2 * i + this.phoneChannel] = spoken[i]!;
      frame[2 * i + 1 - this.phoneChannel] = heard[i] ?? 0;
    }
    this.#frames.push(frame);
  }

  formatWav(): Buffer {
    const bytes = this.#frames.reduce((sum, frame) => sum + frame.byteLength, 0);
    const header = Buffer.alloc(headerBytes);
    header.write('RIFF', 0, 'latin1');
    header.writeUInt32LE(headerBytes - 8 + bytes, 4);
    header.write('WAVEfmt ', 8, 'latin1');
    header.writeUInt32LE(16, 16);
    header.writeUInt16LE(1, 20);
    header.writeUInt16LE(2, 22);
    header.writeUInt32LE(phoneSampleRate, 24);
    header.writeUInt32LE(phoneSampleRate * 4, 28);
    header.writeUInt16LE(4, 32);
    header.writeUInt16LE(16, 34);
    header.write('data', 36, 'latin1');
    header.writeUInt32LE(bytes, 40);
    return Buffer.concat([
      header,
      ...this.#frames.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
    ]);
  }
}
