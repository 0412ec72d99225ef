// Tests azure.yaml against what azd's schema says of the parts that we use, and against the templates and files it names.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { parse } from 'yaml';
import { findObject, readInfra } from './testing/bicep-source.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const azure = parse(readFileSync(join(root, 'azure.yaml'), 'utf8'));

const text = { type: 'string' };
const closed = { type: 'object', additionalProperties: false };
/** azd lets unknown keys of root and services through, so a slip of the pen is found here only. */
const schema = {
  ...closed,
  required: ['name', 'services'],
  properties: {
    name: { type: 'string', minLength: 2, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' },
    requiredVersions: { ...closed, properties: { azd: text } },
    services: {
      type: 'object',
      minProperties: 1,
      additionalProperties: {
        oneOf: [
          {
            ...closed,
            required: ['project', 'host'],
            properties: {
              project: text,
              host: { const: 'function' },
              language: { enum: ['ts', 'js'] },
              dist: text,
              remoteBuild: { type: 'boolean' },
              uses: { type: 'array', items: text },
            },
          },
          {
            ...closed,
            required: ['project', 'host'],
            properties: {
              project: text,
              host: { const: 'containerapp' },
              language: { enum: ['docker', 'ts', 'js'] },
              module: text,
              docker: {
                ...closed,
                properties: {
                  path: text,
                  context: text,
                  platform: text,
                  image: text,
                  tag: text,
                  buildArgs: { type: 'array', items: text },
                  remoteBuild: { type: 'boolean' },
                },
              },
              uses: { type: 'array', items: text },
            },
          },
        ],
      },
    },
    hooks: {
      ...closed,
      properties: Object.fromEntries(
        ['provision', 'deploy', 'up', 'package', 'publish', 'down'].flatMap((event) =>
          ['pre', 'post'].map((when) => [
            `${when}${event}`,
            {
              ...closed,
              required: ['run'],
              properties: {
                run: text,
                kind: { enum: ['sh', 'pwsh', 'js', 'ts', 'python', 'dotnet'] },
                continueOnError: { type: 'boolean' },
                interactive: { type: 'boolean' },
                secrets: { type: 'object', additionalProperties: text },
              },
            },
          ]),
        ),
      ),
    },
  },
};

it('is what azd takes', () => {
  const validate = new Ajv2019({ allErrors: true }).compile(schema);
  assert.ok(validate(azure), JSON.stringify(validate.errors, undefined, 2));
});

it('has a resource tagged for each of its services, and no other', () => {
  const tagged = ['modules/functions.bicep', 'bridge.bicep'].flatMap((file) => {
    return [...readInfra(file).matchAll(/'azd-service-name': '(\w+)'/g)].map(([, name]) => name!);
  });
  assert.deepEqual(tagged.sort(), Object.keys(azure.services).sort());
});

it('makes the container app in a module of its own, called as its service, with no other app in it', () => {
  const bridge = readInfra('bridge.bicep');
  const made = [...bridge.matchAll(/^resource \w+ '([\w./]+)@[\d-]+' = /gm)].map(([, type]) => type);
  assert.deepEqual(made, ['Microsoft.App/containerApps']);
  assert.ok(azure.services.bridge);
  assert.ok(!readInfra('main.bicep').includes('containerApps@'));
  assert.match(findObject(bridge, 'template:'), /^\s*image: image$/m);
});

it('names files that are there, and builds what it publishes', () => {
  const { api, bridge } = azure.services;
  assert.ok(existsSync(join(root, bridge.docker.context, bridge.docker.path)));
  assert.equal(api.remoteBuild, false);
  const hook = join(root, azure.hooks.postdeploy.run);
  assert.ok(existsSync(hook));
  // Without one beside it azd installs the packages of the root before the hook.
  assert.ok(existsSync(join(dirname(hook), 'package.json')));
});

it('passes to the hook what main.bicep puts out', () => {
  const hook = readInfra('hooks/subscribe.js');
  const main = readInfra('main.bicep');
  const wanted = [
    'FUNCTIONS_SITE_ID',
    'EVENT_TOPIC_ID',
    'CALL_TOPIC_ID',
    'DEAD_LETTER_STORAGE_ID',
    'CALL_DEAD_LETTER_STORAGE_ID',
    'DEAD_LETTER_CONTAINER',
  ];
  for (const name of wanted) {
    assert.ok(hook.includes(name), name);
    assert.match(main, new RegExp(`^output ${name} string`, 'm'));
  }
});
