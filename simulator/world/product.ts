// Runs the product under test: both deployables in this process, or each as a process of its own as they are deployed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { registerApp } from '../../functions/app.ts';
import { createServices } from '../../functions/services.ts';
import { startBridge } from '../../media-bridge/start.ts';
import { readConfig } from '../../shared/config.ts';
import { createLogger, type Logger } from '../../shared/logger.ts';
import { openStores } from '../../shared/stores/open-stores.ts';
import type { Stores } from '../../shared/stores/stores.ts';
import { openTelemetry } from '../../shared/telemetry/telemetry.ts';
import { startFunctionsHost } from '../functions-host/functions-host.ts';
import type { Person } from '../functions-host/sign-in.ts';
import { quietenLibrary } from '../ingestion/quiet-library.ts';

export interface ProductGiven {
  readonly log?: Logger;
  /** Who may sign in at the console. */
  readonly people?: readonly Person[];
  readonly stores?: Stores;
}

export type Settings = Readonly<Record<string, string>>;

export interface Product {
  readonly functionsUrl: string;
  readonly bridgeUrl: string;
  stop(): Promise<void>;
}

const root = join(import.meta.dirname, '../..');
const startTimeoutMs = 30_000;
const stopTimeoutMs = 10_000;

/** One process, stores in memory unless the settings say otherwise, or some are given: they are closed with it. */
export async function startProductHere(settings: Settings, given: ProductGiven = {}): Promise<Product> {
  const config = readConfig(settings);
  if (config.APPLICATIONINSIGHTS_CONNECTION_STRING !== undefined) quietenLibrary();
  const telemetry = await openTelemetry(config, 'parley');
  const { LOG_LEVEL: level, LOG_PII: showPii } = config;
  const log = given.log ?? createLogger({ level, showPii, service: 'parley', onLine: telemetry.onLine });
  const stores = given.stores ?? (await openStores(config, { log }));
  const bridge = await startBridge(config, { stores, log });
  const functions = await startFunctionsHost({
    port: config.FUNCTIONS_PORT,
    apiKey: config.API_KEY,
    people: given.people,
    bridgeUrl: bridge.url,
    log,
    app: async () => registerApp(await createServices(config, { stores, log })),
  });
  return {
    functionsUrl: functions.url,
    bridgeUrl: bridge.url,
    async stop() {
      await functions.stop();
      await bridge.stop();
      await stores.close();
      await telemetry.close();
    },
  };
}

/** A part of the product as its own process, with nothing of ours in its environment but its settings. */
export class PartProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #output: string[];

  private constructor(url: string, child: ChildProcess, output: string[]) {
    this.url = url;
    this.#child = child;
    this.#output = output;
  }

  /** `command`: what Node is to run, with its arguments; or, with `program`, what that is to run. */
  static async start(
    command: string | readonly string[],
    settings: Settings,
    program = process.execPath,
  ): Promise<PartProcess> {
    const main = [command].flat().join(' ');
    const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
    const child = spawn(program, [command].flat(), {
      cwd: root,
      env: { PATH, HOME, NODE_COMPILE_CACHE, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: string[] = [];
    const ready = Promise.withResolvers<string>();
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        output.push(line);
        const url = /^ready (\S+)/.exec(line)?.[1];
        if (url) ready.resolve(url);
      });
    }
    child.once('exit', (code) => ready.reject(new Error(`${main} ended with ${code}:\n${output.join('\n')}`)));
    const timer = setTimeout(() => ready.reject(new Error(`${main} was not ready in time`)), startTimeoutMs);
    try {
      return new PartProcess(await ready.promise, child, output);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** What it wrote: its log. */
  get output(): readonly string[] {
    return this.#output;
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Its exit code; null when a signal ended it. */
  async exited(): Promise<number | null> {
    if (!this.hasExited) await once(this.#child, 'exit');
    return this.#child.exitCode;
  }

  async stop(): Promise<void> {
    if (this.hasExited) return;
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), stopTimeoutMs);
    await this.exited();
    clearTimeout(timer);
  }
}

export interface ProductProcesses extends Product {
  readonly functions: PartProcess;
  readonly bridge: PartProcess;
}

/** `bridge`: what Node is to run for it. */
export async function startProductProcesses(
  settings: Settings,
  bridge: string | readonly string[] = 'media-bridge/main.ts',
): Promise<ProductProcesses> {
  const started = await Promise.allSettled([
    PartProcess.start('simulator/functions-host/main.ts', settings),
    PartProcess.start(bridge, settings),
  ]);
  const parts = started.flatMap((part) => (part.status === 'fulfilled' ? [part.value] : []));
  const failed = started.find((part) => part.status === 'rejected');
  if (failed) {
    // Left running, the other would keep this process alive.
    await Promise.all(parts.map((part) => part.stop()));
    throw failed.reason;
  }
  const [functionsPart, bridgePart] = parts as [PartProcess, PartProcess];
  return {
    functions: functionsPart,
    bridge: bridgePart,
    functionsUrl: functionsPart.url,
    bridgeUrl: bridgePart.url,
    async stop() {
      await Promise.all(parts.map((part) => part.stop()));
    },
  };
}
