// Holds the parameters of the templates, what azd gives them and what they give to azd to each other.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import { readConfig } from '../shared/config.ts';
import { findAssignments, findOutputs, findParameters, infraFolder, readInfra } from './testing/bicep-source.ts';

const main = readInfra('main.bicep');
const bridge = readInfra('bridge.bicep');
const bridgeParam = readInfra('bridge.bicepparam');
const mainParameters = JSON.parse(readInfra('main.parameters.json')).parameters as Record<string, { value: unknown }>;

/** azd has these in every environment, the last once it has pushed the image. */
const ofAzd = ['AZURE_ENV_NAME', 'AZURE_LOCATION', 'SERVICE_BRIDGE_IMAGE_NAME'];

it('asks nobody anything: every parameter of main.bicep has a default', () => {
  const parameters = findParameters(main);
  assert.ok(parameters.length > 20);
  const asking = parameters.filter((parameter) => parameter.default === undefined && !parameter.isSecure);
  assert.deepEqual(
    asking.map(({ name }) => name),
    [],
  );
});

it('gives main.bicep parameters that it has, as text or as an object of texts', () => {
  const parameters = new Map(findParameters(main).map((parameter) => [parameter.name, parameter]));
  for (const [name, { value }] of Object.entries(mainParameters)) {
    const type = typeof value === 'string' ? 'string' : 'object';
    assert.equal(parameters.get(name)?.type, type, name);
  }
});

it('gives bridge.bicep every parameter that it has no default for, and none that it has not', () => {
  assert.match(bridgeParam, /^using 'bridge\.bicep'$/m);
  const parameters = findParameters(bridge);
  const given = findAssignments(bridgeParam);
  assert.deepEqual(
    [...given.keys()].filter((name) => !parameters.some((parameter) => parameter.name === name)),
    [],
  );
  const missing = parameters.filter((parameter) => parameter.default === undefined && !given.has(parameter.name));
  assert.deepEqual(missing, []);
  for (const { name, type } of parameters.filter((parameter) => given.has(parameter.name))) {
    const value = given.get(name)!;
    const kind = /^(int|bool)\(/.exec(value)?.[1] ?? (value.startsWith('{') ? 'object' : 'string');
    assert.equal(kind, type, name);
  }
});

it('reads in bridge.bicepparam only what main.bicep puts out or azd has, unless there is a default', () => {
  const outputs = findOutputs(main);
  const read = [...bridgeParam.matchAll(/readEnvironmentVariable\('(\w+)'(, )?/g)];
  assert.ok(read.length > 30);
  const unknown = read.flatMap(([, name, hasDefault]) => {
    return hasDefault !== undefined || outputs.has(name!) || ofAzd.includes(name!) ? [] : [name!];
  });
  assert.deepEqual(unknown, []);
});

it('gives every module all that it asks for, and nothing else', () => {
  for (const [, file] of main.matchAll(/^module \w+ '(modules\/[\w-]+\.bicep)'/gm)) {
    const parameters = findParameters(readInfra(file!));
    const block = main.slice(main.indexOf(`'${file}'`)).split(/^}$/m)[0]!;
    const lines = block.split(/^ {2}params: \{/m)[1]!;
    const given = [...lines.matchAll(/(?:^ {4}|[{,] ?|^ )(\w+): /gm)].map(([, name]) => name!);
    const needed = parameters.filter((parameter) => parameter.default === undefined).map(({ name }) => name);
    assert.deepEqual(
      needed.filter((name) => !given.includes(name)),
      [],
      `${file} needs`,
    );
  }
});

it('uses every module', () => {
  const modules = globSync('modules/*.bicep', { cwd: infraFolder }).map((file) => file.replaceAll('\\', '/'));
  assert.ok(modules.length >= 15);
  const parents = [main, ...modules.map((file) => readInfra(file))];
  const isUsed = (file: string) =>
    parents.some((source) => source.includes(`'${file}'`) || source.includes(` '${file.replace('modules/', '')}' = {`));
  assert.deepEqual(
    modules.filter((file) => !isUsed(file)),
    [],
  );
});

it('deploys the models that the settings expect, none of which retires before 2027-06-01 by the list in the documents', () => {
  const setup = readFileSync(new URL('../docs/azure-setup.md', import.meta.url), 'utf8');
  const listed = [...setup.matchAll(/^\|[^|]+\| ([\w.-]+), ([\d-]+) \| (\d{4}-\d\d-\d\d) \|$/gm)];
  const dates = new Map(listed.map(([, name, version, date]) => [`${name} ${version}`, date!]));
  const deployed = [...main.matchAll(/^param (\w+)Model object = \{ name: '([^']+)', version: '([^']+)'/gm)];
  assert.deepEqual([...dates.keys()].sort(), deployed.map(([, , name, version]) => `${name} ${version}`).sort());
  for (const [model, date] of dates) assert.ok(date > '2027-06-01', `${model} retires on ${date}`);
  const defaults = readConfig({});
  const byPurpose = Object.fromEntries(deployed.map(([, purpose, name]) => [purpose, name]));
  assert.deepEqual(byPurpose, {
    realtime: defaults.AZURE_OPENAI_REALTIME_DEPLOYMENT,
    transcription: defaults.AZURE_OPENAI_TRANSCRIPTION_DEPLOYMENT,
    chat: defaults.AZURE_OPENAI_CHAT_DEPLOYMENT,
  });
  assert.equal(defaults.VOICE_LIVE_MODEL, byPurpose.realtime);
});
