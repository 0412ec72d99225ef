// Codes and decodes mu-law (ITU-T G.711) by table: exact to the ITU's own G.191 tools for every byte and every 16-bit sample.

/** G.711 knows 14 bits of a sample; the two below them change nothing. */
const encoderEntries = 1 << 14;
const bias = 33;
const maxMagnitude = 0x1fff;

const decoder = Int16Array.from({ length: 256 }, (_, byte) => decodeByte(byte));
const encoder = Uint8Array.from({ length: encoderEntries }, (_, index) => encodeSample((index << 18) >> 18));

/** Writes one sample a byte into `samples`, which must have room for all; returns how many. Samples reach from -32124 to 32124. */
export function decodeMulaw(bytes: Uint8Array, samples: Int16Array): number {
  const count = bytes.length;
  for (let i = 0; i < count; i++) samples[i] = decoder[bytes[i]!]!;
  return count;
}

/** Writes one byte for each of the first `count` samples into `bytes`, which must have room for all; returns how many. */
export function encodeMulaw(samples: Int16Array, bytes: Uint8Array, count = samples.length): number {
  for (let i = 0; i < count; i++) bytes[i] = encoder[(samples[i]! >> 2) & (encoderEntries - 1)]!;
  return count;
}

function decodeByte(byte: number): number {
  const code = ~byte & 0xff;
  const segment = (code >> 4) & 7;
  const magnitude = ((((code & 0x0f) << 1) + bias) << segment) - bias;
  return (code & 0x80 ? -magnitude : magnitude) << 2;
}

/** `sample` has 14 bits. Negative ones are mirrored by one's complement: -1 is coded as the 0 below zero. */
function encodeSample(sample: number): number {
  const magnitude = Math.min((sample < 0 ? ~sample : sample) + bias, maxMagnitude);
  const segment = 31 - Math.clz32(magnitude >> 5);
  const step = (magnitude >> (segment + 1)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | step) & 0xff;
}
