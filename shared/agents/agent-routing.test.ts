// Which agent answers on which number.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readConfig } from '../config.ts';
import { parseAgent } from './agent.ts';
import { AgentRouting } from './agent-routing.ts';

const agents = new Map(
  ['receptionist', 'screening'].map((name) => [name, parseAgent(name, `---\nname: ${name}\n---\nBe.`)]),
);
const route = (AGENT_NUMBERS: string) => new AgentRouting(agents, readConfig({ AGENT_NUMBERS }));

it('gives each number its agent, and any other the default one', () => {
  const routing = route('+15550101=screening, 28:orgid:1 = screening');
  const lines = ['+15550101', '28:orgid:1', '+15550100', undefined, 'constructor'];
  assert.deepEqual(
    lines.map((line) => routing.agentFor(line)),
    ['screening', 'screening', 'receptionist', 'receptionist', 'receptionist'],
  );
});

it('refuses what makes no sense, by the name of the setting', () => {
  for (const [routes, said] of [
    ['+15550101', /AGENT_NUMBERS must be like/],
    ['+15550101=screening,+15550101=receptionist', /AGENT_NUMBERS names a number twice/],
    ['+15550101=ceo', /AGENT_NUMBERS names ceo; there are: receptionist, screening/],
  ] as const)
    assert.throws(() => route(routes), { code: 'BAD_SETTING', message: said });
});
