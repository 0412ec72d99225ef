// The media bridge as a process: starts, and ends in order on SIGTERM or SIGINT.
import { readConfig } from '../shared/config.ts';
import { AppError } from '../shared/errors.ts';
import { startBridge } from './start.ts';

try {
  const config = readConfig();
  const bridge = await startBridge(config);
  console.log(`ready ${bridge.url}`);
  let stopping = false;
  const stop = async (): Promise<void> => {
    // A second signal means: now.
    if (stopping) process.exit(1);
    stopping = true;
    await bridge.drain(config.DRAIN_SECONDS * 1000);
    await bridge.stop();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
} catch (error) {
  console.error(error instanceof AppError ? error.message : error);
  process.exit(1);
}
