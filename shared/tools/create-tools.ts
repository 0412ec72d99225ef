// Builds the tools of a process from its settings: those whose services are not set up are known, and not offered.
import { AzureCredential } from '../azure-credential.ts';
import type { Config } from '../config.ts';
import type { Logger } from '../logger.ts';
import type { CallHistory } from '../stores/call-history.ts';
import type { LookUpStore } from '../stores/look-up-store.ts';
import { createCommute } from './commute.ts';
import { createHttpTools } from './http-tool.ts';
import { LookUpCache } from './look-up-cache.ts';
import { createLookUpCaller } from './look-up-caller.ts';
import { McpTools } from './mcp/mcp-tools.ts';
import { once, type ServiceTools, ToolRegistry } from './registry.ts';
import { createLookUpJob, createSearchJobs } from './search-jobs.ts';
import { createBoundedFetch } from './services/bounded-fetch.ts';
import { JobIndex } from './services/job-index.ts';
import { MapsClient } from './services/maps-client.ts';

export interface ToolSources {
  readonly lookUps: LookUpStore;
  readonly history: Pick<CallHistory, 'list'>;
  readonly log: Logger;
}

export function createTools(config: Config, { lookUps, history, log }: ToolSources): ToolRegistry {
  const cache = new LookUpCache(lookUps, log);
  let identity: AzureCredential | undefined;
  const credential = () => (identity ??= new AzureCredential());
  const { AZURE_SEARCH_ENDPOINT: searchEndpoint, AZURE_SEARCH_INDEX: index } = config;
  const { AZURE_MAPS_ENDPOINT: mapsEndpoint, AZURE_MAPS_KEY: mapsKey, AZURE_MAPS_CLIENT_ID: clientId } = config;
  const jobs = searchEndpoint !== undefined && {
    cache,
    index: new JobIndex({
      endpoint: searchEndpoint,
      index,
      key: config.AZURE_SEARCH_KEY,
      vectorField: config.AZURE_SEARCH_VECTOR_FIELD,
      credential,
      log,
    }),
  };
  const hasMaps = mapsKey !== undefined || clientId !== undefined;
  const maps = hasMaps && new MapsClient({ endpoint: mapsEndpoint, key: mapsKey, clientId, credential });
  const caller = createLookUpCaller(history);
  const fetch = createBoundedFetch(config.AGENT_ALLOWED_HOSTS);
  const means = { fetch, secrets: config.agentSecrets, cache };
  const services: ServiceTools = {
    look_up_caller: () => caller,
    ...(jobs && {
      search_jobs: (agent) => createSearchJobs(agent, jobs),
      look_up_job: () => createLookUpJob(jobs),
    }),
    ...(maps && { commute: (agent) => createCommute(agent, { maps, cache }) }),
  };
  return new ToolRegistry(services, [
    { pick: once((agent) => createHttpTools(agent, means)) },
    new McpTools({ ...means, log }),
  ]);
}
