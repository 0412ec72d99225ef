// Whether the settings make a whole: what each part cannot start without, and what was brought along under other names.
import { loadAgents } from '../../shared/agents/agent.ts';
import { type Config, findAcsEndpoint, findMissing } from '../../shared/config.ts';
import { type Check, doubt, ok, problem } from '../check.ts';

export const setup: Check = {
  name: 'settings',
  parts: ['functions', 'bridge'],
  async examine({ config }) {
    const missing = findMissing(config, ['PUBLIC_URL', 'BRIDGE_URL', 'MEDIA_TOKEN_SECRET']);
    if (missing.length > 0)
      return problem(
        `${missing.join(', ')} is not set`,
        'Copy local.settings.sample.json to local.settings.json and fill it in.',
      );
    if (findAcsEndpoint(config) === undefined && config.TWILIO_ACCOUNT_SID === undefined)
      return problem(
        'there is no carrier',
        'Set ACS_CONNECTION_STRING or ACS_ENDPOINT, or TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.',
      );
    const agents = loadAgents(config.AGENTS_FOLDER);
    if (!agents.has(config.DEFAULT_AGENT))
      return problem(
        `DEFAULT_AGENT names no agent in ${config.AGENTS_FOLDER}`,
        `Set it to one of: ${[...agents.keys()].join(', ')}.`,
      );
    return config.foreign.length > 0 ? tellForeign(config) : ok(`complete; ${agents.size} agents`);
  },
};

function tellForeign({ foreign }: Config) {
  const taken = foreign.map(
    ({ name, ours, isTaken }) => `${name} ${isTaken ? 'is taken for' : 'is not read:'} ${ours}`,
  );
  return doubt(taken.join('; '), 'Rename them to ours, so that the next one who looks at them knows what is meant.');
}
