// What an agent's file wants of services that are not ours has to be allowed by the operator, by host and by secret.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseAgent } from '../agents/agent.ts';
import { readConfig } from '../config.ts';
import { checkForeignServices, checkWebhook } from './foreign-services.ts';

const agent = (tool: string) =>
  parseAgent(
    'a.md',
    `---
name: a
http_tools:
  ${tool}: { description: d, url: "https://api.example:8443/x/{y}", input: { type: object, properties: { y: {} }, required: [y] }, secret: { setting: AGENT_SECRET_A } }
---
Be.`,
  );
const check =
  (settings: Record<string, string>, tool = 't') =>
  () =>
    checkForeignServices(agent(tool), readConfig(settings));
const refused = (said: RegExp) => ({ code: 'BAD_SETTING', message: said });

it('starts with no host that is not allowed, no secret that is missing, and no name of ours', () => {
  const allowed = { AGENT_ALLOWED_HOSTS: 'API.example:8443, other.example', AGENT_SECRET_A: 'x' };
  check(allowed)();
  assert.throws(
    check({ AGENT_SECRET_A: 'x' }),
    refused(/http_tools\.t: AGENT_ALLOWED_HOSTS does not name api\.example:8443/),
  );
  assert.throws(check({ ...allowed, AGENT_ALLOWED_HOSTS: 'api.example' }), refused(/does not name/));
  assert.throws(check({ ...allowed, AGENT_SECRET_A: '' }), refused(/the setting AGENT_SECRET_A is missing/));
  assert.throws(check(allowed, 'hang_up'), refused(/http_tools\.hang_up: there is a tool/));
});

it('starts where webhooks are told with no webhook whose secret is missing', () => {
  const told = parseAgent(
    'a.md',
    '---\nname: a\nwebhook: { url: "https://a.example", secret: AGENT_SECRET_A }\n---\nBe.',
  );
  checkWebhook(told, readConfig({ AGENT_SECRET_A: 'x' }));
  assert.throws(() => checkWebhook(told, readConfig({})), refused(/webhook: the setting AGENT_SECRET_A is missing/));
});
