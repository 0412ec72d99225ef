// The kernel of the wire on the processor's vectors: WebAssembly, its memory, and where things lie in it.
import { audioBytes, textBytes, type WireKernel } from './wire-kernel.ts';
import { wireKernelBytes } from './wire-kernel-bytes.ts';

const heardAt = textBytes;
const saidAt = heardAt + audioBytes;
const frameAt = saidAt + audioBytes;
const lettersAtOnce = 16;
const bytesAtOnce = 12;
const pad = 0x3d;
const letterOfZero = 0x41;

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  mask(at: number, end: number, key: number): void;
  encode(at: number, end: number, out: number): void;
  decode(at: number, end: number, out: number): number;
}

/** Node's types know WebAssembly in part only. */
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

class VectorWireKernel implements WireKernel {
  readonly message: Buffer;
  readonly heard: Buffer;
  readonly said: Buffer;
  readonly frame: Buffer;
  readonly #exports: Exports;

  constructor(exports: Exports) {
    const { buffer } = exports.memory;
    this.#exports = exports;
    this.message = Buffer.from(buffer, 0, textBytes);
    this.heard = Buffer.from(buffer, heardAt, audioBytes);
    this.said = Buffer.from(buffer, saidAt, audioBytes);
    this.frame = Buffer.from(buffer, frameAt, textBytes);
  }

  unmask(bytes: number, key: number): void {
    this.#exports.mask(0, bytes, key);
  }

  mask(from: number, to: number, key: number): void {
    this.#exports.mask(frameAt + from, frameAt + to, key);
  }

  decode(start: number, end: number): number {
    const { message } = this;
    const letters = end - start;
    if (letters === 0 || letters % 4 !== 0) return -1;
    const padding = message[end - 1] !== pad ? 0 : message[end - 2] !== pad ? 1 : 2;
    for (let at = end - padding; at < end + lettersAtOnce; at++) message[at] = letterOfZero;
    return this.#exports.decode(start, end, heardAt) === 0 ? (letters / 4) * 3 - padding : -1;
  }

  encode(bytes: number, at: number): number {
    const { said, frame } = this;
    for (let at = bytes; at < bytes + bytesAtOnce; at++) said[at] = 0;
    const letters = Math.ceil(bytes / 3) * 4;
    if (bytes > 0) this.#exports.encode(saidAt, saidAt + bytes, frameAt + at);
    const padding = (3 - (bytes % 3)) % 3;
    for (let i = 1; i <= padding; i++) frame[at + letters - i] = pad;
    return letters;
  }
}

/** Undefined where the machine, or the way Node was started, allows no vectors in WebAssembly. */
export function openVectorWireKernel(): WireKernel | undefined {
  const { WebAssembly: engine } = globalThis as unknown as { WebAssembly?: Engine };
  if (!engine) return undefined;
  try {
    const { exports } = new engine.Instance(new engine.Module(Buffer.from(wireKernelBytes, 'base64')));
    return new VectorWireKernel(exports as Exports);
  } catch {
    return undefined;
  }
}
