// The filter of the resampler on the processor's vectors: WebAssembly, its memory, and where things lie in it.
import type { FirDesign } from './fir-design.ts';
import { firKernelBytes } from './fir-kernel-bytes.ts';

/** What the kernel does at once. */
const groupsAtOnce = 16;
/** A tap is stored in two numbers of 16 bits; the lower has so many bits. */
const lowBits = 10;
/** Of a pair of taps: its upper halves, its lower halves, and where its pairs of samples begin. */
const tapPairBytes = 12;
/** Of the samples of a pair, for one group. */
const samplePairBytes = 4;
/** Bytes of the kernel's two pages of memory: taps of all filters, a chunk's samples, what comes out of them, and planes of samples in pairs. */
const inputsAt = 8 * 1024;
const outputsAt = 24 * 1024;
const pairsAt = 64 * 1024;
const planeBytes = 12 * 1024;

/** Samples that a chunk may have, those that are remembered included: three times as many come out at most. */
export const maxKernelInputs = 2_560;

interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  pair(inputs: number, pairs: number, groups: number, down: number, planeBytes: number): void;
  filter(pairs: number, taps: number, outputs: number, groups: number, up: number, rowBytes: number): void;
}

/** Node's types know WebAssembly in part only. */
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

/** Of one design: from `inputs`, where the window of the first group begins, to `outputs`. */
export type KernelFilter = (groups: number) => void;

/** Written before it runs and read at once: what one call leaves in it means nothing to the next. */
export class FirKernel {
  readonly inputs: Int16Array;
  readonly outputs: Int16Array;
  readonly #exports: KernelExports;
  readonly #taps: ArrayBuffer;
  readonly #filters = new Map<FirDesign, KernelFilter>();
  #tapsEnd = 0;

  constructor(exports: KernelExports, designs: readonly FirDesign[]) {
    const { buffer } = exports.memory;
    this.#exports = exports;
    this.#taps = buffer;
    this.inputs = new Int16Array(buffer, inputsAt, (outputsAt - inputsAt) / 2);
    this.outputs = new Int16Array(buffer, outputsAt, (pairsAt - outputsAt) / 2);
    for (const design of designs) this.#filters.set(design, this.#place(design));
  }

  filterOf(design: FirDesign): KernelFilter {
    return this.#filters.get(design)!;
  }

  #place({ up, down, window, taps }: FirDesign): KernelFilter {
    const { pair, filter } = this.#exports;
    const at = this.#tapsEnd;
    const rowBytes = Math.ceil(window / 2) * tapPairBytes;
    this.#tapsEnd += rowBytes * up;
    if (this.#tapsEnd > inputsAt) throw new RangeError('there are more taps than the kernel has room for');
    for (const [n, row] of taps.entries()) writeTaps(row, down, new DataView(this.#taps, at + n * rowBytes, rowBytes));
    const beyond = Math.ceil((window + 1) / down);
    // Groups two samples apart lie in pairs as they are.
    if (down === 2) return (groups) => filter(inputsAt, at, outputsAt, roundUp(groups), up, rowBytes);
    return (groups) => {
      const whole = roundUp(groups);
      pair(inputsAt, pairsAt, whole + beyond, down, planeBytes);
      filter(pairsAt, at, outputsAt, whole, up, rowBytes);
    };
  }
}

function roundUp(groups: number): number {
  return Math.ceil(groups / groupsAtOnce) * groupsAtOnce;
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

/** A last tap without a neighbour has one of zero: it may stand beside a sample that is not there. */
function writeTaps(row: Int32Array, down: number, words: DataView): void {
  for (let k = 0, at = 0; k < row.length; k += 2, at += tapPairBytes) {
    for (const n of [0, 1]) {
      const tap = row[k + n] ?? 0;
      const low = ((tap + (1 << (lowBits - 1))) & ((1 << lowBits) - 1)) - (1 << (lowBits - 1));
      words.setInt16(at + 2 * n, (tap - low) >> lowBits, true);
      words.setInt16(at + 4 + 2 * n, low, true);
    }
    words.setInt32(at + 8, beginOf(k, down), true);
  }
}

/** Of the pairs that begin with sample k of each group, from those of the first group's sample 0 on. */
function beginOf(k: number, down: number): number {
  const plane = down === 2 ? 0 : k % down;
  return plane * planeBytes + ((k - plane) / down) * samplePairBytes;
}
