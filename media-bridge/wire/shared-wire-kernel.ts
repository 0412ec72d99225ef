// The kernel of the wire that this machine is fast with: the processor's vectors by WebAssembly, or plain TypeScript. Both do the same.
import { PlainWireKernel } from './plain-wire-kernel.ts';
import { openVectorWireKernel } from './vector-wire-kernel.ts';
import type { WireKernel } from './wire-kernel.ts';

/** One for all calls: a message is read, or written, before anything else is. */
export const wireKernel: WireKernel = openVectorWireKernel() ?? new PlainWireKernel();
