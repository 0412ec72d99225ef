// Whether what an agent's file wants of services that are not ours is allowed and set up here.
import type { AgentProfile } from '../agents/agent.ts';
import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';
import { toolNames } from './registry.ts';

/** Throws BAD_SETTING, naming the agent, the field and the setting. */
export function checkForeignServices(
  agent: AgentProfile,
  { AGENT_ALLOWED_HOSTS: hosts, agentSecrets }: Pick<Config, 'AGENT_ALLOWED_HOSTS' | 'agentSecrets'>,
): void {
  const { name, http_tools } = agent;
  const taken = Object.keys(http_tools).find((tool) => toolNames.includes(tool));
  if (taken !== undefined)
    throw new AppError('BAD_SETTING', `agent ${name}: http_tools.${taken}: there is a tool of Parley of this name`);
  for (const { field, host, secret } of listForeignServices(agent)) {
    if (!hosts.includes(host))
      throw new AppError('BAD_SETTING', `agent ${name}: ${field}: AGENT_ALLOWED_HOSTS does not name ${host}`);
    if (secret !== undefined && agentSecrets[secret] === undefined) throw createMissing(name, field, secret);
  }
}

/** The same of its webhook, for whoever tells it. */
export function checkWebhook({ name, webhook }: AgentProfile, { agentSecrets }: Pick<Config, 'agentSecrets'>): void {
  if (webhook && agentSecrets[webhook.secret] === undefined) throw createMissing(name, 'webhook', webhook.secret);
}

export interface ForeignService {
  /** As the agent's file has it. */
  readonly field: string;
  readonly host: string;
  /** The name of a setting. */
  readonly secret: string | undefined;
}

/** What its tools reach. */
export function listForeignServices({ http_tools, mcp_servers }: AgentProfile): readonly ForeignService[] {
  const named = { ...label('http_tools', http_tools), ...label('mcp_servers', mcp_servers) };
  return Object.entries(named).map(([field, { url, secret }]) => {
    return { field, host: new URL(url.replace(/[{}]/g, '')).host, secret: secret?.setting };
  });
}

interface Service {
  readonly url: string;
  readonly secret?: { readonly setting: string } | undefined;
}

function createMissing(name: string, field: string, setting: string): AppError {
  return new AppError('BAD_SETTING', `agent ${name}: ${field}: the setting ${setting} is missing`);
}

function label(field: string, services: Readonly<Record<string, Service>>): Record<string, Service> {
  return Object.fromEntries(Object.entries(services).map(([name, service]) => [`${field}.${name}`, service]));
}
