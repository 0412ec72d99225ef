// Tries each thing that the parts depend on, for real, and says what is wrong and what to do about it: `npm run doctor`.
import { parseArgs } from 'node:util';
import { type Config, readConfig } from '../shared/config.ts';
import { AppError } from '../shared/errors.ts';
import { formatStartError } from '../shared/logged-error.ts';
import { type Part, parts } from './check.ts';
import { examine, type Finding } from './examination.ts';
import { readLocalWorld } from './local-world.ts';
import { formatFinding, formatSummary } from './report.ts';
import { findSettingsFile, type GivenSettings, readSettingsFile } from './settings-file.ts';

const help = `Tries each thing that Parley depends on, for real, and says what to do about what is wrong.

  npm run doctor -- [functions|bridge] [options]

Without a part it examines both. Settings come from the environment, and what that does not say from local.settings.json.

  --settings FILE       in place of local.settings.json: one like it, or lines of NAME=value (azd env get-values > FILE)
  --local               the local world that "npm start" runs in another terminal
  --print               with --local or --settings: print the settings as lines of NAME=value, and try nothing
  --functions-key KEY   a key of the functions' host on Azure, which its web hooks want
  --json                findings as JSON, one a line

It exits with 0 when nothing is wrong, with 1 when something is, with 2 when it could not begin.`;

const options = {
  settings: { type: 'string' },
  local: { type: 'boolean' },
  print: { type: 'boolean' },
  'functions-key': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

function readArguments() {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options });
    const unknown = positionals.find((name) => !parts.includes(name as Part));
    if (unknown !== undefined) throw new Error(`There is no part "${unknown}".`);
    return { given: values, examined: positionals.length > 0 ? (positionals as Part[]) : parts };
  } catch (error) {
    return give(2, `${(error as Error).message}\n\n${help}`);
  }
}

function give(code: number, text: string): never {
  (code === 0 ? console.log : console.error)(text);
  process.exit(code);
}

/** What is named stands alone. */
async function readNamedSettings({
  local,
  settings,
}: {
  local?: boolean;
  settings?: string;
}): Promise<GivenSettings | undefined> {
  if (local) return readLocalWorld();
  return settings === undefined ? undefined : readSettingsFile(settings);
}

function readOwnConfig(): Config {
  const file = findSettingsFile();
  return readConfig(undefined, file === undefined ? {} : readSettingsFile(file));
}

function formatSettings(settings: GivenSettings): string {
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${quote(value ?? '')}`);
  return lines.join('\n');
}

/** As a shell and Node's --env-file both read it. */
function quote(value: string): string {
  return value.includes("'") ? `"${value}"` : `'${value}'`;
}

const { given, examined } = readArguments();
if (given.help) give(0, help);
const findings: Finding[] = [];
try {
  const named = await readNamedSettings(given);
  if (named && given.print) give(0, formatSettings(named));
  const config = named ? readConfig(named) : readOwnConfig();
  // All clients of all services: a second to load, which nobody should wait for who asks for help.
  const { pickChecks } = await import('./checks.ts');
  const functionsKey = given['functions-key'];
  for await (const finding of examine(pickChecks(examined), { config, functionsKey })) {
    findings.push(finding);
    console.log(given.json ? JSON.stringify({ name: finding.name, ...finding.verdict }) : formatFinding(finding));
  }
} catch (error) {
  give(2, error instanceof AppError ? error.message : formatStartError(error));
}
if (!given.json) console.log(`\n${formatSummary(findings)}`);
// Libraries that sign in keep sockets open for a while.
process.exit(findings.some(({ verdict }) => verdict.type === 'problem') ? 1 : 0);
