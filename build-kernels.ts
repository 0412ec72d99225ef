// Assembles each kernel's text into the bytes beside it: `npm run build:kernel`, whenever a text changes.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import openWabt from 'wabt';

/** Paths without their ends, .wat and -bytes.ts. */
const kernels = ['media-bridge/audio/fir-kernel', 'media-bridge/wire/wire-kernel'];

export function bytesPathOf(kernel: string): string {
  return join(import.meta.dirname, `${kernel}-bytes.ts`);
}

/** The whole file of its bytes. */
export async function assembleKernel(kernel: string): Promise<string> {
  const wabt = await openWabt();
  const source = join(import.meta.dirname, `${kernel}.wat`);
  const parsed = wabt.parseWat(source, readFileSync(source, 'utf8'), { simd: true });
  const { buffer } = parsed.toBinary({});
  parsed.destroy();
  const name = basename(kernel);
  const constant = `${name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())}Bytes`;
  const lines = Buffer.from(buffer)
    .toString('base64')
    .match(/.{1,110}/g)!
    .map((line) => `  '${line}',`);
  return `// The bytes of ${name}.wat, assembled by build-kernels.ts: not to be changed by hand.\n\nexport const ${constant} = [\n${lines.join('\n')}\n].join('');\n`;
}

if (process.argv[1] === import.meta.filename)
  for (const kernel of kernels) writeFileSync(bytesPathOf(kernel), await assembleKernel(kernel));
