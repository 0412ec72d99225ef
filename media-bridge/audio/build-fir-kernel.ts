// Assembles fir-kernel.wat into fir-kernel-bytes.ts: `npm run build:kernel`, whenever the former changes.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import openWabt from 'wabt';

const source = join(import.meta.dirname, 'fir-kernel.wat');
export const bytesPath = join(import.meta.dirname, 'fir-kernel-bytes.ts');

/** The whole file. */
export async function assembleFirKernel(): Promise<string> {
  const wabt = await openWabt();
  const parsed = wabt.parseWat(source, readFileSync(source, 'utf8'), { simd: true });
  const { buffer } = parsed.toBinary({});
  parsed.destroy();
  const lines = Buffer.from(buffer)
    .toString('base64')
    .match(/.{1,110}/g)!
    .map((line) => `  '${line}',`);
  return `// The bytes of fir-kernel.wat, assembled by build-fir-kernel.ts: not to be changed by hand.\n\nexport const firKernelBytes = [\n${lines.join('\n')}\n].join('');\n`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(bytesPath, await assembleFirKernel());
