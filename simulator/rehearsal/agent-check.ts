// Checks every agent's file, the tools it names and the scenarios beside it, and tells all that is wrong, not only the first of it.
import { readFileSync } from 'node:fs';
import { type AgentProfile, listAgentFiles, parseAgent } from '../../shared/agents/agent.ts';
import { AppError } from '../../shared/errors.ts';
import { checkToolNames } from '../../shared/tools/registry.ts';
import { loadAgentScenarios } from './agent-scenarios.ts';

export interface AgentCheck {
  readonly agents: ReadonlyMap<string, AgentProfile>;
  /** A line each, with the file that it is about. */
  readonly problems: readonly string[];
}

export function checkAgents(folder: string): AgentCheck {
  const agents = new Map<string, AgentProfile>();
  const problems: string[] = [];
  const attempt = (file: string, work: () => void) => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const isPlaced = error.code === 'BAD_SETTING';
      problems.push(...error.message.split('\n').map((line) => (isPlaced ? line : `${file}: ${line}`)));
    }
  };
  attempt(folder, () => {
    for (const file of listAgentFiles(folder))
      attempt(file, () => {
        const agent = parseAgent(file, readFileSync(file, 'utf8'));
        if (agents.has(agent.name)) throw new AppError('BAD_SETTING', `${file}: a second agent is named ${agent.name}`);
        agents.set(agent.name, agent);
        checkToolNames(agent);
      });
    if (agents.size === 0 && problems.length === 0)
      throw new AppError('BAD_SETTING', `${folder}: there is no agent (*.md)`);
  });
  // Of a broken agent nothing is known: its scenarios would seem to belong to nobody.
  if (problems.length === 0) attempt(folder, () => void loadAgentScenarios(folder, agents));
  return { agents, problems };
}
