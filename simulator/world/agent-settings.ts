// What agents' files want of the settings, for the local world: their hosts are allowed, and secrets that nobody has given stand for themselves.
import { loadAgents } from '../../shared/agents/agent.ts';
import type { Settings } from './product.ts';

/** `given`: what the operator has set counts. */
export function createAgentSettings(folder: string, given: Readonly<Record<string, string | undefined>>): Settings {
  const services = [...loadAgents(folder).values()].flatMap(({ http_tools, mcp_servers }) => [
    ...Object.values(http_tools),
    ...Object.values(mcp_servers),
  ]);
  const hosts = new Set(services.map(({ url }) => new URL(url.replace(/[{}]/g, '')).host));
  const secrets = services.flatMap(({ secret }) => (secret ? [secret.setting] : []));
  return {
    ...(hosts.size > 0 && { AGENT_ALLOWED_HOSTS: [...hosts].join(',') }),
    ...Object.fromEntries(secrets.map((setting) => [setting, given[setting] ?? `no ${setting}`])),
  };
}
