// Tests of the stand-ins' own G.711.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeG711, encodeG711 } from './g711.ts';

describe('G.711', () => {
  it('has the byte values everybody uses', () => {
    assert.deepEqual([...encodeG711(Int16Array.of(0, 32767, -32768, 1000), 'mulaw')], [0xff, 0x80, 0x00, 0xce]);
    assert.deepEqual([...encodeG711(Int16Array.of(8, 32767, -32768), 'alaw')], [0xd5, 0xaa, 0x2a]);
    assert.deepEqual([...decodeG711(Uint8Array.of(0xff, 0x80, 0x00), 'mulaw')], [0, 32124, -32124]);
    assert.deepEqual([...decodeG711(Uint8Array.of(0xd5, 0xaa, 0x2a), 'alaw')], [8, 32256, -32256]);
  });

  it('comes back as the same byte', () => {
    for (const law of ['mulaw', 'alaw'] as const) {
      const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const back = [...encodeG711(decodeG711(bytes, law), law)];
      // Both 0xFF and 0x7F of mu-law are zero.
      assert.deepEqual(decodeG711(Uint8Array.from(back), law), decodeG711(bytes, law));
    }
  });
});
