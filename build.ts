// Bundles the two deployables into dist/: the functions and the media bridge, each one file that needs no node_modules.
import { cpSync, existsSync, rmSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { build } from 'esbuild';

const root = import.meta.dirname;
const deployables = ['functions/main', 'media-bridge/main'];
/** What runs in threads of its own, beside each of them. */
const workers = ['shared/stores/sqlite-worker'];
/** Read at run time: beside what reads them, or in the working folder. */
const folders = ['agents', 'media-bridge/announcements'];

/** `entry`: a path from the root, without .ts. Rejects when it does not build. */
export async function bundle(entries: readonly string[], outdir: string): Promise<void> {
  const threads = entries.flatMap((name) =>
    workers.map((worker) => ({ in: `${worker}.ts`, out: `${dirname(name)}/${basename(worker)}` })),
  );
  await build({
    absWorkingDir: root,
    entryPoints: [...entries.map((name) => ({ in: `${name}.ts`, out: name })), ...threads],
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Packages written as CommonJS call require(), which a module does not have by itself.
    banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
    // Azure's worker supplies it when the app is loaded.
    external: ['@azure/functions-core'],
    sourcemap: true,
    logLevel: 'warning',
  });
}

async function main(): Promise<void> {
  const missing = [...deployables.map((name) => `${name}.ts`), ...folders].filter(
    (path) => !existsSync(`${root}/${path}`),
  );
  if (missing.length > 0) throw new Error(`cannot build: ${missing.join(' and ')} not found`);
  rmSync(`${root}/dist`, { recursive: true, force: true });
  await bundle(deployables, `${root}/dist`);
  for (const folder of folders) cpSync(`${root}/${folder}`, `${root}/dist/${folder}`, { recursive: true });
  for (const name of deployables) {
    const kib = Math.round(statSync(`${root}/dist/${name}.js`).size / 1024);
    process.stdout.write(`dist/${name}.js ${kib} KiB\n`);
  }
}

if (process.argv[1] === import.meta.filename) {
  await main().catch((error: Error) => {
    // esbuild has shown its own errors already.
    if (!('errors' in error)) process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
}
