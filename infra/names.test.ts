// Tests that the names of all resources are ones that Azure takes, however an azd environment is called.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { findObject, readInfra } from './testing/bicep-source.ts';

const names = new Map(
  [...findObject(readInfra('main.bicep'), 'var names =').matchAll(/^ {2}(\w+): '([^']+)'$/gm)].map((m) => [
    m[1]!,
    m[2]!,
  ]),
);

/** By Azure's list of naming rules. */
const rules: Record<string, RegExp> = {
  group: /^[-\w.()]{0,89}[-\w()]$/,
  functionsIdentity: /^[A-Za-z0-9][\w-]{2,127}$/,
  bridgeIdentity: /^[A-Za-z0-9][\w-]{2,127}$/,
  workspace: /^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$/,
  component: /^[\w.()-]{0,259}[\w()-]$/,
  storage: /^[a-z0-9]{3,24}$/,
  vault: /^[A-Za-z](?!.*--)[A-Za-z0-9-]{1,22}[A-Za-z0-9]$/,
  ai: /^[A-Za-z0-9][A-Za-z0-9-]{0,62}[A-Za-z0-9]$/,
  communication: /^[A-Za-z0-9][A-Za-z0-9-]{0,61}[A-Za-z0-9]$/,
  eventTopic: /^[A-Za-z0-9-]{3,50}$/,
  callTopic: /^[A-Za-z0-9-]{3,50}$/,
  maps: /^[A-Za-z0-9][A-Za-z0-9._-]{1,97}$/,
  redis: /^[A-Za-z0-9](?!.*--)[A-Za-z0-9-]{0,58}[A-Za-z0-9]$/,
  cosmos: /^[a-z0-9][a-z0-9-]{1,42}[a-z0-9]$/,
  registry: /^[A-Za-z0-9]{5,50}$/,
  containerEnvironment: /^[a-z](?!.*--)[a-z0-9-]{0,30}[a-z0-9]$/,
  bridge: /^[a-z](?!.*--)[a-z0-9-]{0,30}[a-z0-9]$/,
  plan: /^[\w-]{1,60}$/,
  functions: /^[A-Za-z0-9][A-Za-z0-9-]{0,58}[A-Za-z0-9]$/,
};

/** uniqueString() gives thirteen letters and digits; azd takes these characters in a name, 64 of them at most. */
const token = 'a2b3c4d5e6f7g';
const environments = ['a', 'x'.repeat(64), 'A.b_(c)-', '-', `${'9'.repeat(63)}.`];

it('knows the rule for every name', () => {
  assert.deepEqual([...names.keys()].sort(), Object.keys(rules).sort());
});

for (const environment of environments) {
  it(`finds names that Azure takes for the environment ${environment.slice(0, 12)} of ${environment.length}`, () => {
    const made = [...names].map(([key, name]) => {
      return [key, name.replaceAll(`\${token}`, token).replaceAll(`\${environmentName}`, environment)] as const;
    });
    for (const [key, name] of made) assert.match(name, rules[key]!, key);
    assert.equal(new Set(made.map(([, name]) => name.toLowerCase())).size, made.length);
  });
}

it('names assignments of Redis without dashes, which guid() has', () => {
  assert.match(readInfra('modules/redis.bicep'), /accessPolicyAssignments@[\s\S]*?name: uniqueString\(/);
});

it('makes one after the other what its service makes one at a time', () => {
  for (const [file, type] of [
    ['ai-account', 'accounts/deployments'],
    ['redis', 'accessPolicyAssignments'],
    ['cosmos', 'sqlRoleAssignments'],
  ])
    assert.match(
      readInfra(`modules/${file}.bicep`),
      new RegExp(`@batchSize\\(1\\)\\nresource \\w+ '[\\w./]*${type}@`),
      type,
    );
});
