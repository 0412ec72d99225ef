// The version of its agent that each call began with: what changes in an agent's file meanwhile is for new calls.
import { type AgentProfile, parseAgent } from '../../shared/agents/agent.ts';
import type { AgentCatalogue } from '../../shared/agents/agent-catalogue.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import type { Logger } from '../../shared/logger.ts';
import type { LookUpStore } from '../../shared/stores/look-up-store.ts';

/** Longer than any call. */
const keepMs = 48 * 3_600_000;
/** Kept again so often, while calls begin with it. */
const keepAgainMs = 3_600_000;

export interface AgentVersionsOptions {
  readonly agents: Pick<AgentCatalogue, 'get' | 'findVersion'>;
  readonly defaultAgent: string;
  /** A bridge that takes over a call of another one may have read other files. */
  readonly lookUps: LookUpStore;
  readonly log: Logger;
}

export class AgentVersions {
  readonly #options: AgentVersionsOptions;
  readonly #keptAt = new Map<string, number>();

  constructor(options: AgentVersionsOptions) {
    this.#options = options;
  }

  /** Never rejects. Of a call that has none yet it is the agent as it is now. */
  async choose(name: string, pinned: CallState['pinnedAgent']): Promise<AgentProfile> {
    if (!pinned) return this.#newest(name);
    const { agents, lookUps, log } = this.#options;
    const version = agents.findVersion(pinned.name, pinned.hash);
    if (version) return version;
    const text = await lookUps.find(keyOf(pinned)).catch(() => undefined);
    try {
      if (text !== undefined) return parseAgent(pinned.name, text);
    } catch (error) {
      log.warn({ error, agent: pinned.name }, 'the agent that a call began with cannot be read any more');
    }
    log.warn({ agent: pinned.name }, 'the agent that a call began with is gone: it goes on with the one of now');
    return this.#newest(pinned.name);
  }

  /** For whoever takes over a call that began with it. */
  keep(agent: AgentProfile): void {
    const key = keyOf(agent);
    const now = performance.now();
    if (now - (this.#keptAt.get(key) ?? Number.NEGATIVE_INFINITY) < keepAgainMs) return;
    this.#keptAt.set(key, now);
    this.#options.lookUps.keep(key, agent.source, keepMs).catch(() => this.#keptAt.delete(key));
  }

  #newest(name: string): AgentProfile {
    const { agents, defaultAgent, log } = this.#options;
    const agent = agents.get(name);
    if (agent) return agent;
    log.warn({ agent: name }, 'this replica does not know the agent: the default one takes the call');
    return agents.get(defaultAgent)!;
  }
}

function keyOf({ name, hash }: { readonly name: string; readonly hash: string }): string {
  return `agent:${name}:${hash}`;
}
