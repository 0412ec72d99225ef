// `npm run doctor` as a process: where it has its settings from, and what it exits with.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { bundle } from '../build.ts';

const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
after(() => rmSync(folder, { recursive: true }));
/** As it goes along with the bridge. */
const main = join(folder, 'doctor/main.js');
before(async () => {
  await bundle(['doctor/main'], folder);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
});

function run(...args: string[]) {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, AGENTS_FOLDER: fileURLToPath(new URL('../agents', import.meta.url)) };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

it('says how it is used to whoever asks it for something else', () => {
  const { status, stderr } = run('kitchen');
  assert.equal(status, 2);
  assert.match(stderr, /^There is no part "kitchen"\.\n\nTries each thing/);
});

it('exits with 2 for settings that cannot be read, naming them', () => {
  const file = join(folder, 'wrong.env');
  writeFileSync(file, 'PUBLIC_URL=functions.example\n');
  const { status, stderr } = run('--settings', file);
  assert.deepEqual([status, stderr.startsWith('Settings are wrong: PUBLIC_URL must be a URL')], [2, true]);
});

it('reads local.settings.json where it is run, and exits with 1 where something is missing', () => {
  const Values = { MEDIA_TOKEN_SECRET: 'an example secret of thirty-two characters', BRIDGE_URL: '' };
  writeFileSync(join(folder, 'local.settings.json'), JSON.stringify({ IsEncrypted: false, Values }));
  const { status, stdout, stderr } = run('bridge', '--json');
  const findings = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(status, 1, stderr);
  assert.deepEqual(findings[0], {
    name: 'settings',
    type: 'problem',
    saw: 'PUBLIC_URL, BRIDGE_URL is not set',
    advice: 'Copy local.settings.sample.json to local.settings.json and fill it in.',
  });
  assert.ok(
    findings.slice(1).every(({ type }) => type === 'absent'),
    stdout,
  );
});

it('reads what azd prints, and prints it so that it can be read again', () => {
  const file = join(folder, 'azd.env');
  writeFileSync(
    file,
    'AZURE_ENV_NAME="one"\nACS="endpoint=https://acs.example/;accesskey=a+b/c=="\nPROMPT="it\'s # here"\n',
  );
  const { stdout } = run('--settings', file, '--print');
  assert.match(stdout, /^AZURE_ENV_NAME='one'$/m);
  assert.deepEqual(
    { ...parseEnv(stdout) },
    { AZURE_ENV_NAME: 'one', ACS: 'endpoint=https://acs.example/;accesskey=a+b/c==', PROMPT: "it's # here" },
  );
});
