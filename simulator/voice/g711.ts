// G.711 as the stand-ins speak it: mu-law and A-law bytes to 16-bit samples and back, by search in the table of decoded values.

export type G711Law = 'mulaw' | 'alaw';

function decodeMulawByte(byte: number): number {
  const inverted = ~byte & 0xff;
  const magnitude = ((((inverted & 0x0f) << 3) + 0x84) << ((inverted >> 4) & 7)) - 0x84;
  return inverted & 0x80 ? -magnitude : magnitude;
}

function decodeAlawByte(byte: number): number {
  const toggled = byte ^ 0x55;
  const exponent = (toggled >> 4) & 7;
  const mantissa = ((toggled & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return toggled & 0x80 ? magnitude : -magnitude;
}

const decoded = {
  mulaw: Int16Array.from({ length: 256 }, (_, byte) => decodeMulawByte(byte)),
  alaw: Int16Array.from({ length: 256 }, (_, byte) => decodeAlawByte(byte)),
};

/** For each 16-bit sample the byte whose decoded value is nearest. */
function createEncoder(values: Int16Array): Uint8Array {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte).sort((a, b) => values[a]! - values[b]!);
  const encoder = new Uint8Array(65536);
  let at = 0;
  for (let sample = -32768; sample <= 32767; sample++) {
    const distance = (index: number) => Math.abs(values[bytes[index]!]! - sample);
    while (at < 255 && distance(at + 1) <= distance(at)) at++;
    encoder[sample + 32768] = bytes[at]!;
  }
  return encoder;
}

const encoders = { mulaw: createEncoder(decoded.mulaw), alaw: createEncoder(decoded.alaw) };

export function decodeG711(bytes: Uint8Array, law: G711Law): Int16Array {
  const values = decoded[law];
  const samples = new Int16Array(bytes.length);
  for (let i = 0; i < samples.length; i++) samples[i] = values[bytes[i]!]!;
  return samples;
}

export function encodeG711(samples: Int16Array, law: G711Law): Buffer {
  const bytes = Buffer.alloc(samples.length);
  const encoder = encoders[law];
  for (let i = 0; i < samples.length; i++) bytes[i] = encoder[samples[i]! + 32768]!;
  return bytes;
}
