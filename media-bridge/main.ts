// The media bridge as a process: starts, and ends in order on SIGTERM or SIGINT.
import { readConfig } from '../shared/config.ts';
import { formatStartError } from '../shared/logged-error.ts';
import { createLogger } from '../shared/logger.ts';
import { openTelemetry } from '../shared/telemetry/telemetry.ts';
import { failOwner } from './call/work-owner.ts';
import { startBridge } from './start.ts';

try {
  const config = readConfig();
  const service = 'media-bridge';
  const telemetry = await openTelemetry(config, service);
  const { LOG_LEVEL: level, LOG_PII: showPii } = config;
  const log = createLogger({ level, showPii, service, onLine: telemetry.onLine });
  const bridge = await startBridge(config, { log });
  // What the start leaves behind would take up room beside the first calls, and be cleared away in the midst of them.
  globalThis.gc?.();
  console.log(`ready ${bridge.url}`);
  let isStopping = false;
  /** The first reason stands. */
  const stop = async (exitCode: number): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    try {
      await bridge.drain(config.DRAIN_SECONDS * 1000);
      await bridge.stop();
      await telemetry.close();
      process.exit(exitCode);
    } catch (error) {
      log.error({ error }, 'the bridge could not stop in order');
      await telemetry.close();
      process.exit(1);
    }
  };
  let signals = 0;
  const onSignal = () => {
    // A second signal means: now.
    if (++signals > 1) process.exit(1);
    void stop(0);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  // The last resort. What one call ran into ends that call. When nobody knows whose it is, the process itself is in doubt: the
  // live calls finish, no new one comes in, and a fresh process takes over.
  const onStrayError = (error: unknown) => {
    if (failOwner(error)) return;
    log.error({ error }, 'an error that nobody caught: no more calls are taken, and the live ones finish');
    void stop(1);
  };
  process.on('uncaughtException', onStrayError);
  process.on('unhandledRejection', onStrayError);
} catch (error) {
  console.error(formatStartError(error));
  process.exit(1);
}
