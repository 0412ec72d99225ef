// Whether what an agent's file wants of services that are not ours is allowed and set up here.
import type { AgentProfile } from '../agents/agent.ts';
import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';
import { toolNames } from './registry.ts';

/** Throws BAD_SETTING, naming the agent, the field and the setting. */
export function checkForeignServices(
  { name, http_tools, mcp_servers }: AgentProfile,
  { AGENT_ALLOWED_HOSTS: hosts, agentSecrets }: Pick<Config, 'AGENT_ALLOWED_HOSTS' | 'agentSecrets'>,
): void {
  const taken = Object.keys(http_tools).find((tool) => toolNames.includes(tool));
  if (taken !== undefined)
    throw new AppError('BAD_SETTING', `agent ${name}: http_tools.${taken}: there is a tool of Parley of this name`);
  const named = { ...label('http_tools', http_tools), ...label('mcp_servers', mcp_servers) };
  for (const [field, { url, secret }] of Object.entries(named)) {
    const { host } = new URL(url.replace(/[{}]/g, ''));
    if (!hosts.includes(host))
      throw new AppError('BAD_SETTING', `agent ${name}: ${field}: AGENT_ALLOWED_HOSTS does not name ${host}`);
    if (secret && agentSecrets[secret.setting] === undefined)
      throw new AppError('BAD_SETTING', `agent ${name}: ${field}: the setting ${secret.setting} is missing`);
  }
}

interface Service {
  readonly url: string;
  readonly secret?: { readonly setting: string } | undefined;
}

function label(field: string, services: Readonly<Record<string, Service>>): Record<string, Service> {
  return Object.fromEntries(Object.entries(services).map(([name, service]) => [`${field}.${name}`, service]));
}
