// Builds the console unless what it is made of has not changed since: `node web/build-console.ts`.
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const root = join(import.meta.dirname, '..');
const pages = join(root, 'functions/console-pages');
const stamp = join(pages, 'built-from');
/** Fluent's and React's versions are in the last one. */
const sources = ['web/**/*.{ts,tsx,css,html,json}', 'shared/call/*.ts', 'package-lock.json'];

export interface ConsoleBuild {
  readonly folder: string;
  readonly wasBuilt: boolean;
}

export async function buildConsole(): Promise<ConsoleBuild> {
  const state = hashSources();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state) return { folder: pages, wasBuilt: false };
  const { build } = await import('vite');
  await build({ configFile: join(import.meta.dirname, 'vite.config.ts'), logLevel: 'warn' });
  const assets = join(pages, 'assets');
  for (const file of [join(pages, 'index.html'), ...readdirSync(assets).map((name) => join(assets, name))])
    writeFileSync(`${file}.br`, brotliCompressSync(readFileSync(file)));
  writeFileSync(stamp, state);
  return { folder: pages, wasBuilt: true };
}

function hashSources(): string {
  const hash = createHash('sha256');
  for (const file of globSync(sources, { cwd: root })
    .filter((name) => !/\.test\.ts$/.test(name))
    .sort())
    hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv.includes('--anew')) rmSync(pages, { recursive: true, force: true });
  mkdirSync(pages, { recursive: true });
  const { folder, wasBuilt } = await buildConsole();
  process.stdout.write(`${folder} ${wasBuilt ? 'built' : 'is up to date'}\n`);
}
