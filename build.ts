// Assembles the two deployables in dist/: the functions' package and the bridge's folder, each complete without node_modules.
import { cpSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build, transform } from 'esbuild';

const root = import.meta.dirname;
/** What runs in threads of its own, beside each of them. */
const workers = ['shared/stores/sqlite-worker'];

/** `entry`: a path from the root, without .ts. Rejects when it does not build. */
export async function bundle(entries: readonly string[], outdir: string): Promise<void> {
  const threads = entries.flatMap((name) =>
    workers.map((worker) => ({ in: `${worker}.ts`, out: `${dirname(name)}/${basename(worker)}` })),
  );
  const { metafile } = await build({
    metafile: true,
    absWorkingDir: root,
    entryPoints: [...entries.map((name) => ({ in: `${name}.ts`, out: name })), ...threads],
    outdir,
    bundle: true,
    // What is imported when it is wanted stays in files of its own: telemetry is as large as all the rest. They lie beside
    // the entry, for whatever is found by a path from there.
    splitting: true,
    chunkNames: `${dirname(entries[0]!)}/[name]-[hash]`,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Packages written as CommonJS call require(), which a module does not have by itself. Others import createRequire by its name.
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module';\nconst require = makeRequire(import.meta.url);",
    },
    // The same of the folder that they believe to be in.
    define: { __dirname: 'import.meta.dirname' },
    // Azure's worker supplies it when the app is loaded.
    external: ['@azure/functions-core'],
    logLevel: 'warning',
  });
  for (const file of Object.keys(metafile.outputs)) await refuseSecondNames(readFileSync(join(root, file), 'utf8'));
}

/** esbuild knows nothing of the names in its banner: a package that has the same ones makes a file that Node cannot read. */
async function refuseSecondNames(code: string): Promise<void> {
  const named =
    code.match(/(?:const|let|var|function|class|import \{|,)\s*(?:\w+ as )?(?:makeRequire|require)\b/g) ?? [];
  if (named.length > 2) await transform(code, { format: 'esm' });
}

/** What is published to Azure Functions, as it is. */
export async function assembleFunctionsApp(folder: string): Promise<void> {
  // The bridge's image is built without the console's sources.
  const { buildConsole } = await import('./web/build-console.ts');
  await buildConsole();
  await bundle(['functions/main'], folder);
  copyInto(folder, ['host.json', 'agents', 'functions/announcements', 'functions/console-pages']);
  writePackage(folder, 'functions/main.js');
}

/** What the bridge's image holds besides Node. */
export async function assembleBridge(folder: string): Promise<void> {
  // The doctor goes along: what a part's identity may do can be tried only as that part.
  await bundle(['media-bridge/main', 'doctor/main'], folder);
  copyInto(folder, ['agents', 'media-bridge/announcements']);
  writePackage(folder, 'media-bridge/main.js');
}

function copyInto(folder: string, paths: readonly string[]): void {
  // What agents are rehearsed by lies beside them.
  const filter = (path: string) => !path.endsWith('.scenarios.yaml');
  for (const path of paths) cpSync(join(root, path), join(folder, path), { recursive: true, filter });
}

/** Says where it starts and that it is made of modules. It needs no other package. */
function writePackage(folder: string, main: string): void {
  const { name, version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const description = { name: `${name}-${dirname(main)}`, version, license, private: true, type: 'module', main };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(description, undefined, 2)}\n`);
}

interface Deployable {
  readonly folder: string;
  readonly main: string;
  readonly needs: readonly string[];
  readonly assemble: (folder: string) => Promise<void>;
}

const deployables: Readonly<Record<string, Deployable>> = {
  functions: {
    folder: 'dist/functions-app',
    main: 'functions/main',
    needs: ['functions/announcements', 'agents', 'host.json'],
    assemble: assembleFunctionsApp,
  },
  bridge: {
    folder: 'dist/bridge',
    main: 'media-bridge/main',
    needs: ['doctor/main.ts', 'media-bridge/announcements', 'agents'],
    assemble: assembleBridge,
  },
};

/** Both, or the one that is named: `node build.ts bridge`. */
async function main(name: string | undefined): Promise<void> {
  const chosen =
    name === undefined ? Object.values(deployables) : [deployables[name]].filter((one) => one !== undefined);
  if (chosen.length === 0)
    throw new Error(`there is no "${name}" to build, only ${Object.keys(deployables).join(' and ')}`);
  const needed = chosen.flatMap(({ main, needs }) => [`${main}.ts`, ...needs]);
  const missing = needed.filter((path) => !existsSync(join(root, path)));
  if (missing.length > 0) throw new Error(`cannot build: ${missing.join(' and ')} not found`);
  for (const { folder, main, assemble } of chosen) {
    rmSync(join(root, folder), { recursive: true, force: true });
    await assemble(join(root, folder));
    const file = `${folder}/${main}.js`;
    process.stdout.write(`${file} ${Math.round(statSync(join(root, file)).size / 1024)} KiB\n`);
  }
}

if (process.argv[1] === import.meta.filename) {
  await main(process.argv[2]).catch((error: Error) => {
    // esbuild has shown its own errors already.
    if (!('errors' in error)) process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
}
