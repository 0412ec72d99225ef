// The first bytes of a WebSocket frame: read where it is a whole text message, and written in front of one.

/** FIN and the opcode of text. */
const wholeText = 0x81;
const maskBit = 0x80;
const shortest = 126;
export const maskBytes = 4;
/** Of the payload of a frame with a length of 16 bits; longer ones are the library's. */
export const maxPayloadBytes = 0xffff;

export interface FrameBounds {
  /** Where the payload begins; the mask, if there is one, lies just before it. */
  start: number;
  end: number;
}

/** False unless a whole message lies there, masked or not as it has to be; `bounds` then tells where. */
export function findTextFrame(chunk: Buffer, at: number, isMasked: boolean, bounds: FrameBounds): boolean {
  if (at + 2 > chunk.length || chunk[at] !== wholeText) return false;
  const sizeByte = chunk[at + 1]!;
  if (((sizeByte & maskBit) !== 0) !== isMasked) return false;
  const short = sizeByte & ~maskBit;
  if (short > shortest) return false;
  const isShort = short < shortest;
  if (!isShort && at + 4 > chunk.length) return false;
  const bytes = isShort ? short : (chunk[at + 2]! << 8) | chunk[at + 3]!;
  bounds.start = at + (isShort ? 2 : 4) + (isMasked ? maskBytes : 0);
  bounds.end = bounds.start + bytes;
  return bounds.end <= chunk.length;
}

export function headerBytes(payloadBytes: number, isMasked: boolean): number {
  return (payloadBytes < shortest ? 2 : 4) + (isMasked ? maskBytes : 0);
}

/** Without the mask. */
export function writeTextHeader(frame: Buffer, payloadBytes: number, isMasked: boolean): void {
  const mask = isMasked ? maskBit : 0;
  frame[0] = wholeText;
  if (payloadBytes < shortest) {
    frame[1] = payloadBytes | mask;
    return;
  }
  frame[1] = shortest | mask;
  frame[2] = payloadBytes >> 8;
  frame[3] = payloadBytes & 0xff;
}
