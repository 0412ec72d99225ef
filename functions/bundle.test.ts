// Tests that the bundle for Azure stands alone, and registers itself with what Azure's worker supplies.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { bundle } from '../build.ts';
import { startIngestion } from '../simulator/ingestion/ingestion.ts';
import { quietLibrary } from '../simulator/ingestion/quiet-library.ts';

const folder = mkdtempSync(join(tmpdir(), 'functions-bundle-'));
after(() => rmSync(folder, { recursive: true }));

/** Every instance of the app reads and compiles all of this before its first call: a tenth more than it is. */
const startLimitBytes = 3_900_000;
/** What is published, with the libraries of stores and telemetry that are read when a setting wants them. */
const packageLimitBytes = 18_700_000;

/** The worker patches require() before it loads an app. */
const worker = `
import Module from 'node:module';
const names = [];
const terminate = [];
const core = {
  version: '3', hostVersion: '4', Disposable: class { dispose() {} }, log() {},
  setProgrammingModel() {},
  registerHook(name, hook) { if (name === 'appTerminate') terminate.push(hook); return { dispose() {} }; },
  registerFunction({ name }) { names.push(name); },
};
const { require } = Module.prototype;
Module.prototype.require = function (id) {
  return id === '@azure/functions-core' ? core : require.call(this, id);
};
await import('./functions/main.js');
console.log('registered ' + names.join(' '));
for (const hook of terminate) await hook({});
process.exit(0);
`;

const settings = {
  PUBLIC_URL: 'https://functions.example',
  BRIDGE_URL: 'wss://bridge.example',
  MEDIA_TOKEN_SECRET: 'an example secret of thirty-two characters',
  AGENTS_FOLDER: fileURLToPath(new URL('../agents', import.meta.url)),
};

before(async () => {
  await bundle(['functions/main'], folder);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'worker.js'), worker);
});

it('is no larger than it has to be', () => {
  const atStart = findStatic('main.js');
  const names = [...atStart].filter((name) => !name.startsWith('chunk-'));
  assert.deepEqual(names, ['main.js'], 'a library that a setting brings is read at every start');
  const sizeOf = (files: Iterable<string>) =>
    [...files].reduce((sum, name) => sum + statSync(join(folder, 'functions', name)).size, 0);
  assert.ok(sizeOf(atStart) < startLimitBytes, `${sizeOf(atStart)} bytes at start`);
  const all = readdirSync(join(folder, 'functions')).filter((name) => name.endsWith('.js'));
  assert.ok(sizeOf(all) < packageLimitBytes, `${sizeOf(all)} bytes`);
});

/** What a file imports at once, and what that does. */
function findStatic(name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  const source = readFileSync(join(folder, 'functions', name), 'utf8');
  for (const [, other] of source.matchAll(/^(?:import|\}) (?:from )?"\.\/([\w.-]+)";$/gm)) findStatic(other!, found);
  return found;
}

it('is loaded by the worker from a folder without node_modules', async () => {
  const env = {
    ...settings,
    ACS_CONNECTION_STRING: 'endpoint=https://acs.example/;accesskey=ZXhhbXBsZQ==',
    ACS_RESOURCE_ID: '00000000-0000-4000-8000-0000000000ac',
    // What the app reads a library for as soon as it is set, as infra/ sets all of it.
    AZURE_OPENAI_ENDPOINT: 'https://openai.example',
    EVENT_TOPIC_ENDPOINT: 'https://topic.example/api/events',
    RECORDINGS_URL: 'https://storage.example/recordings',
    DEAD_LETTERS_URL: 'https://storage.example/dead-letters',
    LOG_LEVEL: 'silent',
  };
  const { stdout } = await promisify(execFile)(process.execPath, ['worker.js'], { cwd: folder, env });
  assert.match(stdout, /registered health .*call-place .*incomingCall/);
});

it('sends telemetry, and writes nothing that the host would send a second time', async (t) => {
  const ingestion = await startIngestion();
  t.after(() => ingestion.stop());
  const env = {
    ...settings,
    ...quietLibrary,
    // Who seems to be on Azure needs them; here nobody listens.
    REDIS_URL: 'redis://127.0.0.1:1',
    COSMOS_ENDPOINT: 'http://127.0.0.1:1',
    COSMOS_KEY: 'ZXhhbXBsZQ==',
    LOG_LEVEL: 'warn',
    APPLICATIONINSIGHTS_CONNECTION_STRING: ingestion.connectionString,
  };
  const ran = await promisify(execFile)(process.execPath, ['worker.js'], { cwd: folder, env });
  assert.match(ran.stdout, /^registered [^\n]*\n$/);
  assert.equal(ran.stderr, '');
  assert.deepEqual(ingestion.refused, []);
  const lines = ingestion.envelopes.flatMap(({ data, tags }) =>
    data.baseType === 'MessageData' ? [`${tags['ai.cloud.role']}: ${data.baseData.message}`] : [],
  );
  assert.ok(lines.includes('functions: no carrier is configured: no call can be answered or placed'), lines.join('\n'));
});

it('brings the thread that keeps the history', async (t) => {
  const thread = new Worker(join(folder, 'functions/sqlite-worker.js'), { workerData: join(folder, 'data') });
  t.after(() => thread.terminate());
  thread.postMessage({ serial: 1, request: { type: 'probe' } });
  assert.deepEqual(await once(thread, 'message'), [{ serial: 1, value: undefined }]);
});
