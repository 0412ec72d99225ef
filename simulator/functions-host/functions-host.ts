// Serves an Azure Functions app in this process, through the real @azure/functions library and without Core Tools.
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { registerHooks } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../shared/errors.ts';
import { refuseForeignPage } from '../../shared/foreign-page.ts';
import { listen } from '../../shared/listen.ts';
import type { Logger } from '../../shared/logger.ts';
import { silentLogger } from '../../shared/logger.ts';
import { within } from '../../shared/within.ts';
import { deliverEvents } from './event-grid-webhook.ts';
import { createFeedProxy } from './feed-proxy.ts';
import { FunctionApp, type LoadedFunction } from './function-app.ts';
import { loadingApp } from './functions-core.ts';
import { readHostSettings } from './host-settings.ts';
import { createHttpInvocation, losesItsBody, readBody, readTrace, writeAnswer } from './http-adapter.ts';
import { createRouteMatcher, type RouteMatcher } from './route-matcher.ts';
import { type Person, SignIn } from './sign-in.ts';
import { readTimers, startTimers } from './timer-trigger.ts';

/** As long as the real host waits for running invocations before it kills the worker. */
const drainMs = 5000;

export interface FunctionsHostOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly host?: string;
  /** Loads the app: imports and registers its functions. Nothing may be registered once it is done. */
  readonly app: () => Promise<void> | void;
  /** Wanted for functions of level `function` and `admin` and for Event Grid's deliveries. Without it nobody is asked for a key. */
  readonly apiKey?: string;
  /** App Service signs these people in, before the app. */
  readonly people?: readonly Person[];
  /** Where live events come from: they are served at this address too. */
  readonly bridgeUrl?: string | undefined;
  readonly log?: Logger;
  /** Where host.json is. */
  readonly folder?: string;
}

export interface FunctionsHost {
  readonly url: string;
  stop(): Promise<void>;
}

interface Route {
  readonly name: string;
  readonly triggerName: string;
  readonly methods: readonly string[];
  readonly needsKey: boolean;
  readonly match: RouteMatcher;
}

export async function startFunctionsHost(options: FunctionsHostOptions): Promise<FunctionsHost> {
  const { port, host = '127.0.0.1', apiKey, log = silentLogger } = options;
  const folder = options.folder ?? fileURLToPath(new URL('../../', import.meta.url));
  const settings = readHostSettings(folder);
  const app = await loadApp(options.app, folder, log);
  if (!settings.hasExtensionBundle) refuseUnknownTriggers(app.functions);
  const routes = app.functions.flatMap((fn) => readRoute(fn, settings.routePrefix) ?? []);
  const timerFunctions = readTimers(app.functions);
  const refuse = createDoor(apiKey);

  const signIn = options.people && new SignIn(options.people);

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(settings.customHeaders)) response.setHeader(name, value);
    const end = (status: number, body?: string) => void response.writeHead(status).end(body);
    const url = readUrl(request);
    if (!url) return end(400);
    if (signIn?.answer(url, response)) return;
    signIn?.stamp(request);
    if (url.pathname.toLowerCase() === '/runtime/webhooks/eventgrid') {
      // What is delivered here is no function that could look at its sender.
      const refused = refuse(request, url) ?? (apiKey === undefined ? refusePage(request) : undefined);
      if (refused) return end(refused);
      const body = await readBody(request);
      if (!body) return end(413);
      const kind = [request.headers['aeg-event-type']].flat()[0];
      const functionName = url.searchParams.get('functionName');
      const delivery = { functionName, kind, body, traceContext: readTrace(request) };
      const answer = await deliverEvents(app, delivery, (name, error) => {
        log.error({ function: name, error }, 'a function threw');
      });
      if (answer.body !== undefined) response.setHeader('content-type', 'text/plain; charset=utf-8');
      return end(answer.status, answer.body);
    }
    const found = findRoute(routes, request.method ?? 'GET', url.pathname);
    if (!found) return end(404);
    const refused = found.route.needsKey ? refuse(request, url) : undefined;
    if (refused) return end(refused);
    const body = await readBody(request);
    if (!body) return end(413);
    const lost = losesItsBody(request.headers) && body.length > 0;
    if (lost) log.warn({ function: found.route.name }, 'a chunked request loses its body, as it does on Azure');
    const { name, triggerName } = found.route;
    const seen = lost ? Buffer.alloc(0) : body;
    writeAnswer(response, await app.invoke(name, createHttpInvocation(triggerName, request, url, found.params, seen)));
  }

  const running = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    response.on('error', (error) => log.warn({ error }, 'a response could not be sent'));
    const done = serve(request, response)
      .catch((error: unknown) => {
        if (request.destroyed && !request.complete) return;
        log.error({ error }, 'a function threw');
        if (response.headersSent) response.destroy();
        else response.writeHead(error instanceof URIError ? 400 : 500).end();
      })
      .finally(() => running.delete(done));
    running.add(done);
  });
  if (options.bridgeUrl !== undefined) server.on('upgrade', createFeedProxy(options.bridgeUrl));
  await listen(server, { host, port, setting: 'FUNCTIONS_PORT' });
  const timers = startTimers(app, timerFunctions, log);

  let stopping: Promise<void> | undefined;
  async function stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    await within(drainMs, Promise.allSettled([...running, timers.stop()]), () => undefined);
    server.closeAllConnections();
    await closed;
    await app.stop();
  }
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { url: `http://${name}:${address.port}`, stop: () => (stopping ??= stop()) };
}

async function loadApp(load: () => Promise<void> | void, folder: string, log: Logger): Promise<FunctionApp> {
  const app = new FunctionApp((level, message, functionName) => {
    const fields = { function: functionName };
    if (level === 'error' || level === 'critical') log.error({ ...fields, pii: { text: message } }, 'function log');
    else if (level === 'warning') log.warn({ ...fields, pii: { text: message } }, 'function log');
    else log.debug({ ...fields, pii: { text: message } }, 'function log');
  });
  const core = new URL('./functions-core.ts', import.meta.url).href;
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === '@azure/functions-core' ? { url: core, shortCircuit: true } : next(specifier, context),
  });
  try {
    await loadingApp.run(app, async () => load());
  } finally {
    hooks.deregister();
  }
  await app.start(folder);
  return app;
}

/** Types that are built into the host. */
const ownTriggers: ReadonlySet<string> = new Set(['httptrigger', 'timertrigger']);

function refuseUnknownTriggers(functions: readonly LoadedFunction[]): void {
  const unknown = functions.find(({ trigger }) => !ownTriggers.has(trigger.type.toLowerCase()));
  if (unknown)
    throw new AppError(
      'BAD_SETTING',
      `host.json: extensionBundle is missing, which ${unknown.trigger.type} belongs to`,
    );
}

function readRoute({ name, triggerName, trigger }: LoadedFunction, prefix: string): Route | undefined {
  if (trigger.type.toLowerCase() !== 'httptrigger') return undefined;
  const path = trigger.route || name;
  if (/^(admin|admin-ui|runtime)(\/|$)/i.test(path)) throw new Error(`${name}: the host keeps routes like "${path}"`);
  return {
    name,
    triggerName,
    methods: (trigger.methods ?? ['GET', 'POST']).map((method) => method.toUpperCase()),
    needsKey: (trigger.authLevel ?? 'anonymous').toLowerCase() !== 'anonymous',
    match: createRouteMatcher([prefix, path].filter(Boolean).join('/')),
  };
}

function findRoute(routes: readonly Route[], method: string, pathname: string) {
  for (const route of routes) {
    const params = route.methods.includes(method) ? route.match(pathname) : undefined;
    if (params) return { route, params };
  }
  return undefined;
}

/** Returns the status of a refusal. The header wins over the query, as on Azure. Without a key everybody is let in, as by Core Tools. */
function createDoor(apiKey: string | undefined): (request: IncomingMessage, url: URL) => number | undefined {
  if (apiKey === undefined) return () => undefined;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const wanted = digest(apiKey);
  return (request, url) => {
    const given = request.headers['x-functions-key'] ?? url.searchParams.get('code') ?? '';
    return timingSafeEqual(digest(String(given)), wanted) ? undefined : 401;
  };
}

function refusePage({ headers }: IncomingMessage): number | undefined {
  try {
    refuseForeignPage((name) => headers[name]);
    return undefined;
  } catch (error) {
    return (error as AppError).status;
  }
}

function readUrl(request: IncomingMessage): URL | undefined {
  const text = `http://${request.headers.host ?? 'localhost'}${request.url ?? '/'}`;
  return request.url?.startsWith('/') && URL.canParse(text) ? new URL(text) : undefined;
}
