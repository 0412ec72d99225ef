// Serves an assembled functions package as Azure does: `node package-main.ts FOLDER`, its settings as JSON in APP_SETTINGS.
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createLogger } from '../../shared/logger.ts';
import { startFunctionsHost } from './functions-host.ts';

const folder = resolve(process.argv[2] ?? '.');
const settings = JSON.parse(process.env.APP_SETTINGS ?? '{}') as Record<string, string>;

/** A worker that waited for an app gets that app's environment in place of its own, and the app's folder, before it loads anything. */
function specialize(): void {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, settings);
  process.chdir(folder);
}

/** `main` is a file or a pattern for several; where nothing fits, Azure shows an app without functions. */
async function loadMain(): Promise<void> {
  const { main } = JSON.parse(readFileSync('package.json', 'utf8')) as { main?: string };
  const files = main === undefined ? [] : globSync(main);
  if (files.length === 0) throw new Error(`package.json: main (${main}) names no file`);
  for (const file of files) await import(pathToFileURL(join(folder, file)).href);
}

specialize();
const host = await startFunctionsHost({
  port: Number(settings.FUNCTIONS_PORT ?? 0),
  apiKey: settings.API_KEY,
  folder,
  log: createLogger({ level: 'warn', showPii: false, service: 'functions-host' }),
  app: loadMain,
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void host.stop().then(() => process.exit(0)));
}
process.stdout.write(`ready ${host.url}\n`);
