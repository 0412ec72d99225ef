// Starts the functions on this machine without Core Tools: `npm run start:functions`.

import { registerApp } from '../../functions/app.ts';
import { createServices } from '../../functions/services.ts';
import { isLoopback, readConfig } from '../../shared/config.ts';
import { AppError } from '../../shared/errors.ts';
import { formatStartError } from '../../shared/logged-error.ts';
import { createLogger } from '../../shared/logger.ts';
import { startFunctionsHost } from './functions-host.ts';

try {
  const config = readConfig();
  const { FUNCTIONS_PORT: port, HOST: host, API_KEY: apiKey } = config;
  if (apiKey === undefined && !isLoopback(host))
    throw new AppError('BAD_SETTING', 'API_KEY is missing: without it anybody who reaches HOST may place calls');
  const log = createLogger({ level: config.LOG_LEVEL, showPii: config.LOG_PII, service: 'functions' });
  const services = await createServices(config, { log });
  const { url, stop } = await startFunctionsHost({ port, host, apiKey, log, app: () => registerApp(services) });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void stop().then(() => process.exit(0)));
  }
  process.stdout.write(`ready ${url}\n`);
} catch (error) {
  process.stderr.write(`${formatStartError(error)}\n`);
  process.exit(1);
}
