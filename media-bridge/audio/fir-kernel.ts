// The filter of the resampler on the processor's vectors: WebAssembly, its memory, and where things lie in it.
import type { FirDesign } from './fir-design.ts';
import { firKernelBytes } from './fir-kernel-bytes.ts';

/** Of what the kernel does at once. */
const lanes = 8;
const groupsAtOnce = 4;
/** A tap is stored in two numbers of 16 bits; the lower has so many bits. */
const lowBits = 10;
/** Bytes of the kernel's only page of memory: taps of all filters, then a chunk's samples, then what comes out of them. */
const inputsAt = 8 * 1024;
const outputsAt = 24 * 1024;
const pageBytes = 64 * 1024;

/** Samples that a chunk may have, those that are remembered included: three times as many come out at most. */
export const maxKernelInputs = (pageBytes - outputsAt) / 2 / 3 - 2 * groupsAtOnce * 3;

interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  filter(
    inputs: number,
    taps: number,
    outputs: number,
    groups: number,
    up: number,
    down: number,
    rowBytes: number,
  ): void;
}

/** Node's types know WebAssembly in part only. */
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

/** Written before it runs and read at once: what one call leaves in it means nothing to the next. */
export class FirKernel {
  readonly inputs: Int16Array;
  readonly outputs: Int16Array;
  readonly #filter: KernelExports['filter'];
  readonly #places = new Map<FirDesign, { readonly at: number; readonly rowBytes: number }>();

  constructor({ memory, filter }: KernelExports, designs: readonly FirDesign[]) {
    this.#filter = filter;
    this.inputs = new Int16Array(memory.buffer, inputsAt, (outputsAt - inputsAt) / 2);
    this.outputs = new Int16Array(memory.buffer, outputsAt);
    let at = 0;
    for (const design of designs) {
      const rowBytes = Math.ceil(design.window / lanes) * lanes * 4;
      this.#places.set(design, { at, rowBytes });
      for (const row of design.taps) {
        writeTaps(row, new Int16Array(memory.buffer, at, rowBytes / 2));
        at += rowBytes;
      }
    }
    if (at > inputsAt) throw new RangeError('there are more taps than the kernel has room for');
  }

  /** From `inputs`, where the window of the first group begins, to `outputs`. */
  run(design: FirDesign, groups: number): void {
    const { at, rowBytes } = this.#places.get(design)!;
    const whole = Math.ceil(groups / groupsAtOnce) * groupsAtOnce;
    this.#filter(inputsAt, at, outputsAt, whole, design.up, design.down, rowBytes);
  }
}

/** Undefined where the machine, or the way Node was started, allows no vectors in WebAssembly. */
export function openFirKernel(designs: readonly FirDesign[]): FirKernel | undefined {
  const { WebAssembly: engine } = globalThis as unknown as { WebAssembly?: Engine };
  if (!engine) return undefined;
  let exports: unknown;
  try {
    ({ exports } = new engine.Instance(new engine.Module(Buffer.from(firKernelBytes, 'base64'))));
  } catch {
    return undefined;
  }
  return new FirKernel(exports as KernelExports, designs);
}

/** What is beyond the last tap stays zero: it may stand beside samples that are not there. */
function writeTaps(row: Int32Array, words: Int16Array): void {
  for (const [k, tap] of row.entries()) {
    const low = ((tap + (1 << (lowBits - 1))) & ((1 << lowBits) - 1)) - (1 << (lowBits - 1));
    const at = Math.floor(k / lanes) * 2 * lanes + (k % lanes);
    words[at] = (tap - low) >> lowBits;
    words[at + lanes] = low;
  }
}
