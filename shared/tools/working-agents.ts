// The agents of the folder that the settings name, each held to the tools and services that there are.
import { AgentCatalogue } from '../agents/agent-catalogue.ts';
import type { Config } from '../config.ts';
import type { Logger } from '../logger.ts';
import { checkForeignServices, checkWebhook } from './foreign-services.ts';
import { checkToolNames } from './registry.ts';

/** Throws BAD_SETTING, also for an agent that could not work here. `tellsWebhooks`: of the part that does. */
export function openAgents(config: Config, log: Logger, { tellsWebhooks = false } = {}): AgentCatalogue {
  return new AgentCatalogue({
    folder: config.AGENTS_FOLDER,
    reloads: config.AGENTS_RELOAD,
    check: (agent) => {
      checkToolNames(agent);
      checkForeignServices(agent, config);
      if (tellsWebhooks) checkWebhook(agent, config);
    },
    log,
  });
}
