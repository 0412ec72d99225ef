// Where Azure Functions starts: builds the services from the settings and registers the app.
import { app } from '@azure/functions';
import { readConfig } from '../shared/config.ts';
import { createLogger } from '../shared/logger.ts';
import { openTelemetry } from '../shared/telemetry/telemetry.ts';
import { registerApp } from './app.ts';
import { createServices } from './services.ts';

const config = readConfig();
const telemetry = await openTelemetry(config, 'functions');
// Or the host sends what we tell too, each a second time.
if (telemetry.isOn) app.setup({ capabilities: { WorkerOpenTelemetryEnabled: true } });
const { LOG_LEVEL: level, LOG_PII: showPii } = config;
// What is written to the standard output the host sends to the same place.
const destination = telemetry.isOn ? { write() {} } : undefined;
const log = createLogger({ level, showPii, service: 'functions', destination, onLine: telemetry.onLine });
registerApp(await createServices(config, { log }));
// After the services' own: what they say last is sent too.
app.hook.appTerminate(() => telemetry.close());
