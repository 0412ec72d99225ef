// The local world: `npm start`. Rings the agent at once, shows the call, and waits for more.
import { randomBytes } from 'node:crypto';
import { styleText } from 'node:util';
import { AppError } from '../shared/errors.ts';
import { buildConsole } from '../web/build-console.ts';
import { readCommandLine } from './command-line.ts';
import { createAgentSettings } from './world/agent-settings.ts';
import { startDemoDesk } from './world/demo-desk.ts';
import { demoOrderSchema } from './world/demo-order.ts';
import { demoScenarios } from './world/demo-scenarios.ts';
import { deskPort } from './world/desk-address.ts';
import { isPortFree } from './world/free-port.ts';
import { startWorld } from './world/world.ts';

const { values: given } = readCommandLine(
  'npm start [-- --once] [-- --verbose]\n  --once     one call, then stop\n  --verbose  the log of the product too',
  { options: { once: { type: 'boolean' }, verbose: { type: 'boolean' } } },
);

const ports = { functions: 7071, bridge: 8080, desk: deskPort };
const taken: number[] = [];
for (const port of Object.values(ports)) if (!(await isPortFree(port))) taken.push(port);
if (taken.length > 0) {
  console.error(
    `Port ${taken.join(' and ')} is in use. Is the local world running already? Stop what listens there and try again.`,
  );
  process.exit(1);
}

/** Other programs and pages on this machine could place calls otherwise; it lives as long as this world. */
const apiKey = randomBytes(18).toString('base64url');
/** In the link by which a browser signs in. */
const signInCode = randomBytes(18).toString('base64url');
const startedAt = performance.now();
console.log('Starting the local world: stand-ins of Azure and Twilio, the functions app and the media bridge …');
try {
  await buildConsole();
  const world = await startWorld({
    telemetry: {},
    functionsPort: ports.functions,
    bridgePort: ports.bridge,
    people: [{ code: signInCode, name: 'you@localhost', roles: ['operator'] }],
    settings: {
      ...createAgentSettings('agents', process.env),
      LOG_LEVEL: given.verbose ? 'info' : 'error',
      DATA_FOLDER: '.data',
      API_KEY: apiKey,
      WEBSITE_AUTH_ENABLED: 'true',
    },
  });
  const desk = await startDemoDesk(world, ports.desk);
  const stop = async (code: number): Promise<never> => {
    await desk.stop();
    await world.stop();
    process.exit(code);
  };
  process.once('SIGINT', () => void stop(0));
  process.once('SIGTERM', () => void stop(0));

  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`Ready after ${seconds} s: functions ${world.product.functionsUrl}, bridge ${world.product.bridgeUrl}`);
  console.log(`${styleText('bold', 'The console:')} ${world.product.functionsUrl}/.auth/login/aad?code=${signInCode}`);
  console.log(`Its API wants the header x-functions-key: ${apiKey}`);
  const tour = demoOrderSchema.parse({});
  console.log(`${styleText('bold', 'A phone rings.')} The caller ${demoScenarios.tour!.title}.\n`);
  const finished = await desk.place(tour, (line) => console.log(line));
  if (given.once) await stop(finished ? 0 : 1);

  console.log(
    '\nEnter places another call, Ctrl+C stops. More calls from a second terminal: npm run call -- --help; their traces: npm run trace',
  );
  process.stdin.on('data', () => {
    desk.place(tour, (line) => console.log(line)).catch((error) => console.error(String(error)));
  });
} catch (error) {
  console.error(error instanceof AppError ? error.message : error);
  process.exit(1);
}
