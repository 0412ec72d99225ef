// Tests that no key is used where an identity does, and that no secret leaves the vault by an output or a plain setting.
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { it } from 'node:test';
import { findOutputs, findParameters, infraFolder, readInfra } from './testing/bicep-source.ts';

const files = globSync('{,modules/}*.bicep', { cwd: infraFolder });
const secretName = /secret|password|token|(?<!public)key(?!vault|_vault)/i;

it('puts out no secret', () => {
  for (const file of files) {
    const source = readInfra(file);
    const secure = findParameters(source).filter(({ isSecure }) => isSecure);
    for (const [name, value] of findOutputs(source)) {
      assert.doesNotMatch(name, /secret|password|token|key(?!_?vault)/i, `${file}: ${name}`);
      assert.doesNotMatch(value, /list(Keys|Secrets|\w*Sas)|primaryKey|\.value\b/i, `${file}: ${name}`);
      assert.deepEqual(
        secure.filter((parameter) => new RegExp(`\\b${parameter.name}\\b`).test(value)),
        [],
        name,
      );
    }
  }
});

it('asks no service for its keys', () => {
  for (const file of files) assert.doesNotMatch(readInfra(file), /\blist[A-Z]\w*\(|\.list[A-Z]\w*\(/, file);
});

it('takes secrets as secure parameters only', () => {
  for (const file of files) {
    const open = findParameters(readInfra(file)).filter(({ name, type, isSecure }) => {
      return !isSecure && ['string', 'object'].includes(type) && secretName.test(name);
    });
    assert.deepEqual(open, [], file);
  }
});

it('switches keys off wherever a service has both', () => {
  const switches: Record<string, RegExp> = {
    'ai-account': /disableLocalAuth: true/,
    communication: /disableLocalAuth: true/,
    cosmos: /disableLocalAuth: true/,
    monitoring: /DisableLocalAuth: true/,
    redis: /accessKeysAuthentication: 'Disabled'/,
    registry: /adminUserEnabled: false/,
    storage: /allowSharedKeyAccess: false/,
  };
  for (const [module, off] of Object.entries(switches)) assert.match(readInfra(`modules/${module}.bicep`), off, module);
});

it('draws our own secrets once: a later provision keeps them', () => {
  const vault = readInfra('modules/key-vault.bicep');
  const drawn = [...vault.matchAll(/(@onlyIfNotExists\(\)\n)?resource \w+ '[\w./]+\/secrets@[\s\S]*?\n}/g)];
  assert.equal(drawn.length, 4);
  for (const [resource, once] of drawn) assert.equal(once !== undefined, /value: random/.test(resource));
  const random = findParameters(vault).filter(({ name }) => name.startsWith('random'));
  assert.deepEqual(
    random.map(({ isSecure, default: value }) => [isSecure, value]),
    Array.from({ length: 3 }, () => [true, `'\${newGuid()}\${newGuid()}'`]),
  );
});

it('gives both parts what the vault keeps of the operator, each setting by the secret of its own name', () => {
  const names = "toLower(replace(name, '_', '-'))";
  const ofFunctions = readInfra('modules/functions.bicep');
  assert.ok(ofFunctions.includes(`'@Microsoft.KeyVault(SecretUri=\${vaultUri}secrets/\${${names}})'`));
  assert.match(ofFunctions, /properties: union\(settings, vaultedReferences, /);
  const ofBridge = readInfra('bridge.bicep');
  assert.ok(ofBridge.includes(`map(vaulted, name => { name: name, secretRef: ${names} })`));
  assert.match(ofBridge, /env: concat\([\s\S]*\n\s+vaultedEnv,/);
  assert.match(ofBridge, /var secretNames = concat\([\s\S]*map\(vaultedEnv, setting => setting\.secretRef\)/);
});
