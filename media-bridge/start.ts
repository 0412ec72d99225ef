// Starts a bridge: services, the door, and the word to all others that it is there.
import type { Config } from '../shared/config.ts';
import type { Logger } from '../shared/logger.ts';
import type { Stores } from '../shared/stores/stores.ts';
import { Evacuation } from './evacuation.ts';
import { LoadReporter } from './load-reporter.ts';
import { OrphanWatch } from './orphan-watch.ts';
import { type RunningBridge, startServer } from './server.ts';
import { createBridgeServices } from './services.ts';

/** Stores and logger are given when several parts run in one process and share them. */
export async function startBridge(
  config: Config,
  given: { stores?: Stores; log?: Logger } = {},
): Promise<RunningBridge> {
  const services = await createBridgeServices(config, given);
  const bridge = await startServer(services, { host: config.HOST, port: config.PORT });
  services.log.info({ url: bridge.url, replica: services.replica }, 'the media bridge is ready');
  const { replica, registry, stores } = services;
  const reporter = new LoadReporter({ replica, registry, loads: stores.bridgeLoads });
  const orphans = new OrphanWatch({ ...services, ...stores, loads: stores.bridgeLoads });
  return {
    ...bridge,
    async drain(limitMs) {
      const drained = bridge.drain(limitMs);
      reporter.report();
      const evacuation = new Evacuation({ ...services, loads: stores.bridgeLoads });
      await drained;
      await evacuation.close();
    },
    async stop() {
      await orphans.close();
      await reporter.close();
      await bridge.stop();
      await services.close();
    },
  };
}
