// The agents of a folder as they are now, and the versions that live calls began with.
import { statSync } from 'node:fs';
import type { Logger } from '../logger.ts';
import { type AgentProfile, type AgentProfiles, listAgentFiles, loadAgents } from './agent.ts';

/** A folder is looked at so often at most: each look asks the disk for every file. */
const lookEveryMs = 500;
/** Versions outlive their files as long as calls may; nobody edits a file so often within a call. */
const maxVersions = 200;

export interface AgentCatalogueOptions {
  readonly folder: string;
  /** Whether files that change are read again: new calls get what they say then. */
  readonly reloads: boolean;
  /** Throws for an agent that cannot work here, because of tools that there are not, say. */
  readonly check?: (agent: AgentProfile) => void;
  readonly log: Logger;
}

export class AgentCatalogue implements AgentProfiles {
  readonly #options: AgentCatalogueOptions;
  readonly #versions = new Map<string, AgentProfile>();
  #agents: ReadonlyMap<string, AgentProfile>;
  #stamp: string;
  #lookedAt = performance.now();

  /** Throws BAD_SETTING. */
  constructor(options: AgentCatalogueOptions) {
    this.#options = options;
    this.#stamp = options.reloads ? stampOf(options.folder) : '';
    this.#agents = this.#load();
    this.#remember();
  }

  get(name: string): AgentProfile | undefined {
    return this.#current.get(name);
  }

  has(name: string): boolean {
    return this.#current.has(name);
  }

  keys(): MapIterator<string> {
    return this.#current.keys();
  }

  values(): MapIterator<AgentProfile> {
    return this.#current.values();
  }

  /** As it was when its hash was this; undefined where this process never read it. */
  findVersion(name: string, hash: string): AgentProfile | undefined {
    return this.#versions.get(`${name} ${hash}`);
  }

  get #current(): ReadonlyMap<string, AgentProfile> {
    if (this.#options.reloads && performance.now() - this.#lookedAt >= lookEveryMs) this.#look();
    return this.#agents;
  }

  /** A file that is wrong, or half written, changes nothing; it is told once. */
  #look(): void {
    const { folder, log } = this.#options;
    this.#lookedAt = performance.now();
    try {
      const stamp = stampOf(folder);
      if (stamp === this.#stamp) return;
      this.#stamp = stamp;
      this.#agents = this.#load();
      this.#remember();
      log.info({ agents: [...this.#agents.keys()] }, 'the agents have changed: new calls get the new ones');
    } catch (error) {
      log.error({ error }, 'the agents have changed and are wrong: calls go on with those that were right');
    }
  }

  #load(): ReadonlyMap<string, AgentProfile> {
    const agents = loadAgents(this.#options.folder);
    for (const agent of agents.values()) this.#options.check?.(agent);
    return agents;
  }

  #remember(): void {
    for (const agent of this.#agents.values()) {
      const key = `${agent.name} ${agent.hash}`;
      this.#versions.delete(key);
      this.#versions.set(key, agent);
    }
    for (const key of this.#versions.keys()) {
      if (this.#versions.size <= maxVersions) return;
      this.#versions.delete(key);
    }
  }
}

/** Changes with each file that is written, comes or goes. */
function stampOf(folder: string): string {
  return listAgentFiles(folder)
    .map((file) => {
      const { mtimeMs, size, ino } = statSync(file);
      return `${file} ${mtimeMs} ${size} ${ino}`;
    })
    .join('\n');
}
