// Checks all agents: `npm run agents`. Ends with code 1 when a file is wrong, and names file, line and field.
import { checkAgents } from './rehearsal/agent-check.ts';

const folder = process.argv[2] ?? process.env.AGENTS_FOLDER ?? 'agents';
const { agents, problems } = checkAgents(folder);
for (const { name, language, models, tools, http_tools, mcp_servers } of agents.values()) {
  const servers = Object.entries(mcp_servers).flatMap(([server, { tools }]) =>
    tools.map((tool) => `${server}_${tool}`),
  );
  const all = [...tools, ...Object.keys(http_tools), ...servers];
  console.log(`${name.padEnd(20)} ${language}  ${models.join(', ')}  ${all.join(', ') || 'no tools'}`);
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
