// Which agent answers on which of our numbers.
import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';
import type { AgentProfiles } from './agent.ts';

export class AgentRouting {
  readonly #agents: AgentProfiles;
  readonly #byNumber: Config['AGENT_NUMBERS'];
  readonly defaultAgent: string;

  /** Throws BAD_SETTING for an agent that there is not. */
  constructor(agents: AgentProfiles, settings: Pick<Config, 'AGENT_NUMBERS' | 'DEFAULT_AGENT'>) {
    this.#agents = agents;
    this.#byNumber = settings.AGENT_NUMBERS;
    this.defaultAgent = settings.DEFAULT_AGENT;
    const known = () => [...agents.keys()].join(', ');
    if (!agents.has(this.defaultAgent))
      throw new AppError('BAD_SETTING', `DEFAULT_AGENT names ${this.defaultAgent}; there are: ${known()}`);
    for (const name of Object.values(this.#byNumber))
      if (!agents.has(name)) throw new AppError('BAD_SETTING', `AGENT_NUMBERS names ${name}; there are: ${known()}`);
  }

  /** Of a line that is not routed, and where an agent's file went away meanwhile: the default one. */
  agentFor(line: string | undefined): string {
    const name = line !== undefined && Object.hasOwn(this.#byNumber, line) ? this.#byNumber[line]! : this.defaultAgent;
    return this.#agents.has(name) ? name : this.defaultAgent;
  }
}
