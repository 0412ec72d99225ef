// Holds the code to the arrows of docs/architecture.md: which folder may import which, no circles, a first line that says what a file is.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { it } from 'node:test';
import { realTimeTests } from './simulator/real-time-tests.ts';

/** Whatever lies under the key may import what lies under its values, and its own folder. The longest key that fits counts. */
const allowed: Record<string, readonly string[]> = {
  'shared/call': [],
  'shared/telemetry': [
    'shared/call',
    'shared/azure-credential.ts',
    'shared/config.ts',
    'shared/errors.ts',
    'shared/logger.ts',
    'shared/within.ts',
  ],
  'shared/stores': [
    'shared/call',
    'shared/azure-credential.ts',
    'shared/errors.ts',
    'shared/config.ts',
    'shared/logger.ts',
    'shared/within.ts',
  ],
  'shared/stores/testing': [
    'shared/stores',
    'shared/call',
    'shared/errors.ts',
    'shared/logger.ts',
    'shared/within.ts',
    'simulator/redis-server.ts',
  ],
  'shared/telephony': [
    'shared/call',
    'shared/stores/dial-counts.ts',
    'shared/azure-credential.ts',
    'shared/errors.ts',
    'shared/config.ts',
    'shared/logger.ts',
    'shared/within.ts',
    'shared/service-word.ts',
  ],
  'shared/telephony/testing': ['shared/telephony', 'shared/stores', 'shared/config.ts', 'shared/logger.ts'],
  'shared/agents': [
    'shared/call',
    'shared/bounded-json.ts',
    'shared/errors.ts',
    'shared/logger.ts',
    'shared/config.ts',
    'shared/located-yaml.ts',
  ],
  'shared/tools': [
    'shared/call',
    'shared/agents',
    'shared/azure-credential.ts',
    'shared/bounded-json.ts',
    'shared/within.ts',
    'shared/stores',
    'shared/telephony/call-control.ts',
    'shared/errors.ts',
    'shared/config.ts',
    'shared/logger.ts',
  ],
  shared: ['shared'],
  functions: ['shared'],
  'functions/testing': ['functions', 'shared', 'simulator/functions-host'],
  // What is told of a call, by those who watch it: no part of a call depends on it.
  'media-bridge/telemetry': ['shared'],
  'functions/telemetry': ['shared'],
  'media-bridge/audio': [],
  'media-bridge/wire': [],
  'media-bridge/transports': ['media-bridge/audio', 'media-bridge/wire', 'shared'],
  'media-bridge/voice-models': ['media-bridge/audio', 'media-bridge/wire', 'shared'],
  'media-bridge/call': [
    'media-bridge/audio',
    'media-bridge/transports/media-transport.ts',
    'media-bridge/voice-models/heard-words.ts',
    'media-bridge/voice-models/voice-model.ts',
    'shared',
  ],
  'media-bridge': ['shared'],
  infra: [],
  // Its bench measures what the bridge tells.
  'simulator/ingestion': ['media-bridge/telemetry', 'shared', 'simulator/command-line.ts'],
  // It opens what the parts open, in the way they do.
  doctor: [
    'shared',
    'media-bridge/audio/audio-format.ts',
    'media-bridge/voice-model-services.ts',
    'media-bridge/voice-models',
    'simulator/world/desk-address.ts',
  ],
  simulator: [
    'functions/app.ts',
    'functions/main.ts',
    'functions/services.ts',
    'media-bridge/main.ts',
    'media-bridge/start.ts',
    'web/build-console.ts',
    // Its bench measures what is deployed.
    'build.ts',
    'shared',
  ],
  web: ['shared/call', 'shared/api.ts', 'shared/console-api.ts'],
};

/** Tests, and what they are made of, may reach further: they put real parts together. Nobody else reaches into the simulator. */
const files = globSync('{shared,functions,media-bridge,simulator,doctor,infra,web}/**/*.{ts,tsx}').filter(
  (file) => !/\.test\.tsx?$/.test(file),
);

const under = (file: string, path: string) => file === path || file.startsWith(`${path}/`);
const findImports = (file: string) => {
  const found = [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)];
  return found.map((match) => join(dirname(file), match[1]!)).filter((to) => /\.tsx?$/.test(to));
};
const imports = new Map(files.map((file) => [file, findImports(file)]));

it('imports only what its folder may import', () => {
  const broken = files.flatMap((file) => {
    const home = Object.keys(allowed)
      .filter((path) => under(file, path))
      .sort((a, b) => b.length - a.length)[0]!;
    const mayImport = (to: string) => under(to, home) || allowed[home]!.some((path) => under(to, path));
    return imports
      .get(file)!
      .filter((to) => !mayImport(to))
      .map((to) => `${file} -> ${to}`);
  });
  assert.deepEqual(broken, []);
});

it('judges the sound of the product with other code than the product has: a fault on both sides would cancel out', () => {
  const judges = globSync('simulator/**/*.ts').filter((file) =>
    findImports(file).some((to) => under(to, 'media-bridge/audio')),
  );
  assert.deepEqual(judges, []);
});

it('has no circle of imports', () => {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    assert.ok(!path.includes(file), `circle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`);
    if (done.has(file)) return;
    for (const to of imports.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
});

it('needs only packages that are installed with the product', () => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: object };
  const deployed = files.filter(
    (file) =>
      !['simulator', 'infra', 'web'].some((folder) => under(file, folder)) &&
      !file.includes('/testing/') &&
      // No part of it.
      !file.endsWith('/bench.ts'),
  );
  const foreign = deployed.flatMap((file) => {
    const named = readFileSync(file, 'utf8').matchAll(/^(?:import|export|\}).* from '((?:@[^/']+\/)?[^./'][^/']*)/gm);
    return [...named].map(([, name]) => name!).filter((name) => !name.startsWith('node:') && !(name in dependencies));
  });
  assert.deepEqual(foreign, []);
});

it('starts without the library of managed identity, which takes 0.2 s, where keys are given', () => {
  const always = files.filter((file) => /^import (?!type ).*'@azure\/identity'/m.test(readFileSync(file, 'utf8')));
  assert.deepEqual(always, []);
});

it('reads the environment in the config only', () => {
  const readsEnvironment = files.filter((file) => /process\.env\b/.test(readFileSync(file, 'utf8')));
  assert.deepEqual(
    readsEnvironment.filter((file) => file !== 'shared/config.ts' && !under(file, 'simulator')),
    [],
  );
});

it('opens every file with a line that says what it is', () => {
  assert.deepEqual(
    files.filter((file) => !/^(#!.*\n)?\/\/ [A-Z].*[.?]\n/.test(readFileSync(file, 'utf8'))),
    [],
  );
});

it('keeps files short and their names telling', () => {
  assert.deepEqual(
    files.filter((file) => readFileSync(file, 'utf8').split('\n').length > 401),
    [],
  );
  assert.deepEqual(
    files.filter((file) => /(^|\/)(index|types|utils?|helpers?|common|misc)\.ts$/.test(file)),
    [],
  );
});

it('keeps to virtual time whatever waits, but what cannot', () => {
  const waits = globSync('simulator/scenarios/*.test.ts');
  const isVirtual = (file: string) =>
    /\n(\n|\/\/.*\n)*import '\.\.\/virtual-time\/install\.ts';\n\n/.test(readFileSync(file, 'utf8'));
  assert.deepEqual(
    waits.filter((file) => !isVirtual(file) && !(file in realTimeTests)),
    [],
    'begin with virtual time, or be named with a reason in simulator/real-time-tests.ts',
  );
  assert.deepEqual(
    Object.keys(realTimeTests).filter((file) => !waits.includes(file) && !globSync(file).length),
    [],
  );
});
