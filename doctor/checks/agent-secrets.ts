// Whether the secrets that agents' files name are set.
import { type AgentProfile, loadAgents } from '../../shared/agents/agent.ts';
import { listForeignServices } from '../../shared/tools/foreign-services.ts';
import { absent, type Check, ok, problem } from '../check.ts';

export const agentSecrets: Check = {
  name: 'agent secrets',
  parts: ['functions', 'bridge'],
  async examine({ config }) {
    const wanted = readAgents(config.AGENTS_FOLDER).flatMap(listSecrets);
    if (wanted.length === 0) return absent('no agent names any');
    const missing = wanted.filter(({ setting }) => config.agentSecrets[setting] === undefined);
    if (missing.length === 0) return ok(`${new Set(wanted.map(({ setting }) => setting)).size} named, all set`);
    const [first] = missing;
    const secret = first!.setting.toLowerCase().replaceAll('_', '-');
    return problem(
      [
        ...new Set(missing.map(({ setting, agent, field }) => `${setting} is not set: ${agent} names it in ${field}`)),
      ].join('; '),
      `Set it. On Azure: put it into the vault as ${secret}, name it in VAULTED_SETTINGS, and deploy (docs/agents.md).`,
    );
  },
};

/** What is wrong with a file is told by the check of the settings. */
function readAgents(folder: string): readonly AgentProfile[] {
  try {
    return [...loadAgents(folder).values()];
  } catch {
    return [];
  }
}

function listSecrets(agent: AgentProfile) {
  const { name, webhook } = agent;
  const named = listForeignServices(agent).flatMap(({ field, secret }) =>
    secret === undefined ? [] : [{ agent: name, field, setting: secret }],
  );
  return webhook ? [...named, { agent: name, field: 'webhook', setting: webhook.secret }] : named;
}
