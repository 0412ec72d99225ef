// The kernel of the wire in plain TypeScript: what every machine can run, and what the faster one is held to.
import { audioBytes, textBytes, type WireKernel } from './wire-kernel.ts';

export class PlainWireKernel implements WireKernel {
  readonly message = Buffer.alloc(textBytes);
  readonly heard = Buffer.alloc(audioBytes);
  readonly said = Buffer.alloc(audioBytes);
  readonly frame = Buffer.alloc(textBytes);

  unmask(bytes: number, key: number): void {
    apply(this.message, 0, bytes, key);
  }

  mask(from: number, to: number, key: number): void {
    apply(this.frame, from, to, key);
  }

  decode(start: number, end: number): number {
    const letters = this.message.toString('latin1', start, end);
    // The alphabet of URLs is decoded too, but is not what these wires carry.
    if (letters === '' || letters.length % 4 !== 0 || letters.includes('-') || letters.includes('_')) return -1;
    const padding = letters.endsWith('==') ? 2 : letters.endsWith('=') ? 1 : 0;
    const wanted = (letters.length / 4) * 3 - padding;
    // What is no letter is passed over, so the length tells.
    return this.heard.write(letters, 'base64') === wanted ? wanted : -1;
  }

  encode(bytes: number, at: number): number {
    return this.frame.write(this.said.toString('base64', 0, bytes), at, 'latin1');
  }
}

function apply(memory: Buffer, from: number, to: number, key: number): void {
  for (let i = from; i < to; i++) memory[i]! ^= key >>> (((i - from) & 3) << 3);
}
