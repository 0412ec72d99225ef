// Starts a bridge: services, then the door.
import type { Config } from '../shared/config.ts';
import type { Logger } from '../shared/logger.ts';
import type { Stores } from '../shared/stores/stores.ts';
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
  return {
    ...bridge,
    async stop() {
      await bridge.stop();
      await services.close();
    },
  };
}
