// Holds the settings of the code, of the documents and of infra/ together, both ways.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { settingNames } from '../shared/config.ts';
import { findObject, findSettingNames, readInfra } from './testing/bicep-source.ts';

type Part = 'functions' | 'bridge';

const main = readInfra('main.bicep');
const functions = readInfra('modules/functions.bicep');
const bridge = readInfra('bridge.bicep');
const parameters = JSON.parse(readInfra('main.parameters.json')).parameters;
const passedOn = parameters.functionSettings.value as Record<string, string>;
const bridgeSettings = findObject(readInfra('bridge.bicepparam'), 'param settings =');

const set: Record<Part, ReadonlySet<string>> = {
  functions: new Set([
    ...Object.keys(passedOn),
    ...findSettingNames(main.slice(main.indexOf('settings: union('))),
    ...findSettingNames(functions),
  ]),
  bridge: new Set([
    ...findSettingNames(bridgeSettings),
    ...[...bridge.matchAll(/\{ name: '([A-Z_]+)', (?:value|secretRef): /g)].map(([, name]) => name!),
  ]),
};

/** Not for our code: Azure's host and its identity library read them. */
const ofThePlatform = new Set([
  'AZURE_CLIENT_ID',
  'AzureWebJobsDisableHomepage',
  'AzureWebJobsStorage__accountName',
  'AzureWebJobsStorage__clientId',
  'AzureWebJobsStorage__credential',
]);

const isKey = 'infra/ lets parts in by their identities, without keys';
const isLocal = 'only stand-ins and local hosts need it';
const leftAlone: Record<string, string> = {
  ACS_CONNECTION_STRING: isKey,
  AZURE_MAPS_KEY: isKey,
  AZURE_SEARCH_KEY: isKey,
  AZURE_OPENAI_API_KEY: isKey,
  AZURE_SPEECH_KEY: isKey,
  AZURE_VOICE_LIVE_API_KEY: isKey,
  COSMOS_KEY: isKey,
  EVENT_TOPIC_KEY: isKey,
  RECORDINGS_KEY: isKey,
  DEAD_LETTERS_KEY: isKey,
  CALLER_ID_SECRET: 'it is made of MEDIA_TOKEN_SECRET, which the vault keeps',
  ACS_OPENID_URL: isLocal,
  AZURE_MAPS_ENDPOINT: 'there is one for everybody',
  FUNCTIONS_PORT: isLocal,
  TWILIO_API_URL: isLocal,
  DATA_FOLDER: 'history is in Cosmos DB',
  AGENTS_RELOAD: 'files of a package do not change',
  AGENTS_FOLDER: 'both packages carry agents/ where the code looks for it',
  WEBSITE_AUTH_ENABLED: 'App Service sets it where it signs people in',
  'functions SYSTEM_PROMPT': 'the bridge alone speaks',
};

/** What the README says of each setting: which part it is of. */
function readDocumented(): ReadonlyMap<string, readonly Part[]> {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const rows = readme.matchAll(/^\| (`[A-Z_]+`[^|]*) \| (both|functions|bridge|) \| /gm);
  return new Map(
    [...rows].flatMap(([, names, of]) => {
      const parts: readonly Part[] = of === 'functions' || of === 'bridge' ? [of] : ['functions', 'bridge'];
      return [...names!.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => [name!, parts] as const);
    }),
  );
}

it('sets nothing that nobody reads', () => {
  for (const part of ['functions', 'bridge'] as const) {
    const known = [...settingNames, ...ofThePlatform] as readonly string[];
    assert.ok(set[part].size > 20, part);
    assert.deepEqual(
      [...set[part]].filter((name) => !known.includes(name)),
      [],
      part,
    );
  }
});

it('sets for each part every setting that the README gives to it, or says why not', () => {
  const documented = readDocumented();
  const missing = settingNames.flatMap((name) => {
    const parts = documented.get(name) ?? (['functions', 'bridge'] as const);
    return parts
      .filter((part) => !set[part].has(name) && !(name in leftAlone) && !(`${part} ${name}` in leftAlone))
      .map((part) => `${part}: ${name}`);
  });
  // Where they listen is of one part alone.
  assert.deepEqual(missing, ['functions: PORT', 'functions: HOST']);
});

it('gives reasons only for what it leaves alone', () => {
  const given = Object.keys(leftAlone).filter((key) => {
    const [name, part] = key.split(' ').reverse() as [string, Part | undefined];
    return part === undefined ? set.functions.has(name) || set.bridge.has(name) : set[part].has(name);
  });
  assert.deepEqual(given, []);
  assert.deepEqual(
    Object.keys(leftAlone).filter((key) => !(settingNames as readonly string[]).includes(key.split(' ').at(-1)!)),
    [],
  );
});

it('passes on what the operator sets under its own name', () => {
  for (const [name, value] of Object.entries(passedOn)) assert.equal(value, `\${${name}}`);
  for (const [, name, variable] of bridgeSettings.matchAll(/(\w+): readEnvironmentVariable\('(\w+)'/g))
    assert.equal(variable, name);
});

it('asks the vault for secrets that are in it', () => {
  const vault = readInfra('modules/key-vault.bicep');
  const kept = [...vault.matchAll(/name: '([\w-]+)'\n\s*properties: \{ value: \w+, contentType: '(\w+)' \}/g)];
  const secretOf = new Map(kept.map(([, secret, setting]) => [setting!, secret!]));
  assert.equal(secretOf.size, 4);
  const wanted = [
    ...functions.matchAll(/(\w+): '@Microsoft\.KeyVault\(SecretUri=\$\{vaultUri\}secrets\/([\w-]+)\)'/g),
    ...bridge.matchAll(/name: '(\w+)', secretRef: '([\w-]+)'/g),
  ];
  assert.equal(wanted.length, 7);
  for (const [, setting, secret] of wanted) assert.equal(secretOf.get(setting!), secret, setting);
});
