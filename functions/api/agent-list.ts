// Agents and tools in the terms of the API.

import type { z } from 'zod';
import type { AgentProfiles } from '../../shared/agents/agent.ts';
import type { AgentList, toolListSchema } from '../../shared/console-api.ts';
import { formatToolSchema } from '../../shared/tools/registry.ts';
import type { Tool } from '../../shared/tools/tool.ts';

/** Numbers stay here: a call is handed over by the name of its target. */
export function formatAgents(agents: AgentProfiles, defaultAgent: string): AgentList {
  return {
    default_agent: defaultAgent,
    agents: [...agents.values()].map((agent) => ({
      name: agent.name,
      description: agent.description,
      greeting: agent.greeting,
      language: agent.language,
      languages: [...agent.languages],
      models: [...agent.models],
      voices: { ...agent.voices },
      tools: [...agent.tools],
      transfer_targets: Object.keys(agent.transfer_targets),
      instructions: agent.instructions,
    })),
  };
}

export function formatTools(tools: readonly Tool[]): z.output<typeof toolListSchema> {
  return {
    tools: tools.map((tool) => {
      const { name, description, parameters } = formatToolSchema(tool);
      return { type: 'function', name, description, parameters: { ...parameters } };
    }),
    tool_choice: 'auto',
  };
}
