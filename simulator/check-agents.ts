// Checks all agents: `npm run agents`. Ends with code 1 when a file is wrong, and names file, line and field.
import type { AgentProfile } from '../shared/agents/agent.ts';
import { listForeignServices } from '../shared/tools/foreign-services.ts';
import { checkAgents } from './rehearsal/agent-check.ts';

const folder = process.argv[2] ?? process.env.AGENTS_FOLDER ?? 'agents';
const { agents, problems } = checkAgents(folder);
for (const agent of agents.values()) {
  const { name, language, models, tools, http_tools, mcp_servers } = agent;
  const servers = Object.entries(mcp_servers).flatMap(([server, { tools }]) =>
    tools.map((tool) => `${server}_${tool}`),
  );
  const all = [...tools, ...Object.keys(http_tools), ...servers];
  console.log(`${name.padEnd(20)} ${language}  ${models.join(', ')}  ${all.join(', ') || 'no tools'}`);
  const needs = listNeeds(agent);
  if (needs.length > 0) console.log(`${''.padEnd(20)} needs ${needs.join(', ')}`);
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;

/** Settings without which the two parts would not start with it. */
function listNeeds(agent: AgentProfile): string[] {
  const services = listForeignServices(agent);
  const secrets = [...services.map(({ secret }) => secret), agent.webhook?.secret].filter((name) => name !== undefined);
  const hosts = new Set(services.map(({ host }) => host));
  return [...new Set(secrets), ...(hosts.size > 0 ? [`AGENT_ALLOWED_HOSTS with ${[...hosts].join(',')}`] : [])];
}
