// Holds the two kernels of the wire to what Node makes of the same bytes, and the faster one to its source.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { assembleKernel, bytesPathOf } from '../../build-kernels.ts';
import { PlainWireKernel } from './plain-wire-kernel.ts';
import { openVectorWireKernel } from './vector-wire-kernel.ts';
import type { WireKernel } from './wire-kernel.ts';

const kernels: Readonly<Record<string, WireKernel>> = {
  vectors: openVectorWireKernel()!,
  'plain TypeScript': new PlainWireKernel(),
};
/** Bytes of which none is far from another by chance. */
const noise = Buffer.from(Uint8Array.from({ length: 50_000 }, (_, i) => (i * i * 31 + (i >> 3) * 7) & 0xff));
const lengths = [...Array(100).keys(), 320, 640, 959, 960, 961, 12_000, 49_150];

for (const [name, kernel] of Object.entries(kernels)) {
  describe(`the kernel in ${name}`, () => {
    const put = (text: string | Buffer, at = 0) => {
      kernel.message.fill(0xff);
      return at + Buffer.from(text).copy(kernel.message, at);
    };

    it('writes base64 as Node does, of any length and at any place', () => {
      for (const bytes of lengths) {
        kernel.said.fill(0xff);
        noise.copy(kernel.said, 0, 0, bytes);
        const letters = kernel.encode(bytes, 7 + (bytes % 4));
        const text = kernel.frame.toString('latin1', 7 + (bytes % 4), 7 + (bytes % 4) + letters);
        assert.equal(text, noise.toString('base64', 0, bytes));
      }
    });

    it('reads base64 as Node does, of any length and at any place', () => {
      for (const bytes of lengths.slice(1)) {
        const at = bytes % 5;
        const end = put(noise.toString('base64', 0, bytes), at);
        assert.equal(kernel.decode(at, end), bytes);
        assert.ok(kernel.heard.subarray(0, bytes).equals(noise.subarray(0, bytes)), `${bytes} bytes`);
      }
    });

    it('refuses whatever is not base64 through and through', () => {
      assert.equal(kernel.decode(0, 0), -1);
      assert.equal(kernel.decode(0, put('AAAAA')), -1);
      const whole = noise.toString('base64', 0, 30);
      for (let at = 0; at < whole.length; at++) {
        for (let byte = 0; byte < 256; byte++) {
          const bytes = Buffer.from(whole);
          bytes[at] = byte;
          const isLetter = /[A-Za-z0-9+/]/.test(String.fromCharCode(byte));
          const isPadding = byte === 0x3d && at === whole.length - 1;
          assert.equal(kernel.decode(0, put(bytes)) >= 0, isLetter || isPadding, `${byte} at ${at}`);
        }
      }
    });

    it('puts masks on and takes them off', () => {
      const key = [0x81, 0x02, 0xf3, 0x74];
      const word = Buffer.from(key).readInt32LE();
      for (const bytes of [1, 2, 3, 4, 15, 16, 17, 1_300]) {
        const masked = Buffer.from(noise.subarray(0, bytes).map((byte, i) => byte ^ key[i & 3]!));
        put(masked);
        kernel.unmask(bytes, word);
        assert.ok(kernel.message.subarray(0, bytes).equals(noise.subarray(0, bytes)), `${bytes} bytes off`);
        noise.copy(kernel.frame, 6, 0, bytes);
        kernel.mask(6, 6 + bytes, word);
        assert.ok(kernel.frame.subarray(6, 6 + bytes).equals(masked), `${bytes} bytes on`);
      }
    });
  });
}

it('runs the kernel that its source says', async () => {
  const kernel = 'media-bridge/wire/wire-kernel';
  assert.equal(readFileSync(bytesPathOf(kernel), 'utf8'), await assembleKernel(kernel));
});
