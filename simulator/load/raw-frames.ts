// WebSocket frames as bytes: written once to be sent many times, and found in what arrives without being copied.

export const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/** Not random: whoever is measured has to take the mask off all the same. */
const maskingKey = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
const noBytes = Buffer.alloc(0);

/** `fromClient`: masked, as a server wants it. */
export function createFrame(payload: string | Buffer, fromClient: boolean, opcode: number = opcodes.text): Buffer {
  const body = Buffer.from(payload);
  const { length } = body;
  const sizes = length < 126 ? [length] : length < 65_536 ? [126, length >> 8, length & 0xff] : undefined;
  if (!sizes) throw new RangeError('a longer frame is not wanted here');
  if (!fromClient) return Buffer.concat([Buffer.from([0x80 | opcode, ...sizes]), body]);
  sizes[0]! |= 0x80;
  mask(body, maskingKey);
  return Buffer.concat([Buffer.from([0x80 | opcode, ...sizes]), maskingKey, body]);
}

function mask(body: Buffer, key: Uint8Array): void {
  for (let i = 0; i < body.length; i++) body[i]! ^= key[i & 3]!;
}

/** One frame in memory that is not its own: read it before the reader goes on. */
export interface FoundFrame {
  readonly opcode: number;
  readonly bytes: number;
  /** A copy, without the mask. */
  read(): Buffer;
}

/** Cuts a stream into frames. There are no fragments on these wires. */
export class FrameReader implements FoundFrame {
  opcode = 0;
  bytes = 0;
  readonly #onFrame: (frame: FoundFrame) => void;
  #rest: Buffer = noBytes;
  #from: Buffer = noBytes;
  #bodyAt = 0;
  #isMasked = false;

  constructor(onFrame: (frame: FoundFrame) => void) {
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (;;) {
      const end = this.#findEnd(data, at);
      if (end === undefined) break;
      at = end;
      this.#onFrame(this);
    }
    this.#rest = at === data.length ? noBytes : Buffer.from(data.subarray(at));
  }

  read(): Buffer {
    const body = Buffer.from(this.#from.subarray(this.#bodyAt, this.#bodyAt + this.bytes));
    if (this.#isMasked) mask(body, this.#from.subarray(this.#bodyAt - 4, this.#bodyAt));
    return body;
  }

  /** Undefined: the frame is not all there. */
  #findEnd(data: Buffer, at: number): number | undefined {
    if (at + 2 > data.length) return undefined;
    const short = data[at + 1]! & 0x7f;
    const sizeBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
    const isMasked = (data[at + 1]! & 0x80) !== 0;
    const bodyAt = at + 2 + sizeBytes + (isMasked ? 4 : 0);
    if (bodyAt > data.length) return undefined;
    const bytes =
      sizeBytes === 0 ? short : sizeBytes === 2 ? data.readUInt16BE(at + 2) : Number(data.readBigUInt64BE(at + 2));
    if (bodyAt + bytes > data.length) return undefined;
    this.opcode = data[at]! & 0x0f;
    this.bytes = bytes;
    this.#from = data;
    this.#bodyAt = bodyAt;
    this.#isMasked = isMasked;
    return bodyAt + bytes;
  }
}
