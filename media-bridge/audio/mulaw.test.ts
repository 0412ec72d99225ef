// Holds mu-law to the tables of ITU-T G.711.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { decodeMulaw, encodeMulaw } from './mulaw.ts';

const allSamples = Int16Array.from({ length: 65536 }, (_, index) => index - 32768);
const allBytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** G.711 table 2a: where each of the 128 steps of a magnitude begins, 14-bit scale. Each segment is twice as coarse. */
function createDecisionValues(): number[] {
  const values = [0];
  for (let step = 1; step < 128; step++) {
    const segment = step >> 4;
    // The first step of all is half as wide as its fifteen fellows, and every sixteenth ends a segment.
    values.push(step < 16 ? 2 * step - 1 : values[step - 1]! + (2 << (step % 16 === 0 ? segment - 1 : segment)));
  }
  return values;
}

it('encodes every 16-bit sample to the step of G.711 table 2a that it lies in', () => {
  const decisions = createDecisionValues();
  assert.deepEqual(
    [16, 32, 48, 64, 80, 96, 112].map((step) => decisions[step]),
    [31, 95, 223, 479, 991, 2015, 4063],
  );
  const encoded = new Uint8Array(65536);
  assert.equal(encodeMulaw(allSamples, encoded), 65536);
  const expected = Uint8Array.from(allSamples, (sample) => {
    const scaled = sample >> 2;
    const magnitude = scaled < 0 ? -scaled - 1 : scaled;
    const step = decisions.findLastIndex((decision) => decision <= magnitude);
    return (sample < 0 ? 0x7f : 0xff) - step;
  });
  assert.deepEqual(encoded, expected);
});

it('decodes the values that G.711 prints', () => {
  const decoded = new Int16Array(256);
  assert.equal(decodeMulaw(allBytes, decoded), 256);
  // Table 2a gives 8031 for 0x80 and 4191, 2079, 1023 … at the ends of the segments, on the 14-bit scale.
  const expected = { 128: 8031, 143: 4191, 159: 2079, 175: 1023, 191: 495, 207: 231, 223: 99, 239: 33, 255: 0 };
  for (const [byte, value] of Object.entries(expected)) {
    assert.equal(decoded[Number(byte)], value * 4);
    assert.equal(decoded[Number(byte) - 0x80], value * -4 || 0);
  }
});

it('gives every byte back but the negative zero', () => {
  const decoded = new Int16Array(256);
  const encoded = new Uint8Array(256);
  decodeMulaw(allBytes, decoded);
  encodeMulaw(decoded, encoded);
  const changed = [...allBytes].filter((byte) => encoded[byte] !== byte);
  assert.deepEqual(changed, [0x7f]);
  assert.equal(encoded[0x7f], 0xff);
});

it('touches no more of the target than it was asked to', () => {
  const bytes = new Uint8Array(4).fill(7);
  assert.equal(encodeMulaw(Int16Array.of(0, 0, 0), bytes, 2), 2);
  assert.deepEqual([...bytes], [0xff, 0xff, 7, 7]);
});
