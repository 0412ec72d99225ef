// The whole local world: the stand-ins and the product among them, as parts of this process or as processes.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import WebSocket from 'ws';
import type { FeedMessage, LiveMessage } from '../../shared/call/live-message.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Person } from '../functions-host/sign-in.ts';
import { findFreePort } from './free-port.ts';
import {
  type Product,
  type ProductGiven,
  type ProductProcesses,
  type Settings,
  startProductHere,
  startProductProcesses,
} from './product.ts';
import { type ProductReplicas, startProductReplicas } from './product-replicas.ts';
import { type StandInOptions, type StandIns, startStandIns } from './stand-ins.ts';

export interface WorldOptions extends Partial<StandInOptions> {
  readonly functionsPort?: number;
  readonly bridgePort?: number;
  /** Of a product in this process, in place of the standard output. */
  readonly log?: Logger;
  /** Who may sign in at the console of a product in this process. */
  readonly people?: readonly Person[];
  /** Over the settings that the stand-ins give. */
  readonly settings?: Settings;
}

export interface World<Kind extends Product = Product> {
  readonly standIns: StandIns;
  readonly product: Kind;
  /** What the product was started with. */
  readonly settings: Settings;
  /** Asks the API: with a body by POST. */
  ask(path: string, body?: object): Promise<Response>;
  /** The live events of all calls, as the bridge shows them. Resolves once it is connected; returns stop. */
  watch(listener: (message: LiveMessage) => void): Promise<() => void>;
  stop(): Promise<void>;
}

export function startWorld(options: WorldOptions = {}): Promise<World> {
  return startWorldWith(options, startProductHere);
}

export function startWorldOfProcesses(options: WorldOptions = {}): Promise<World<ProductProcesses>> {
  return startWorldWith(options, (settings) => startProductProcesses(settings));
}

/** Two bridges behind one address. */
export function startWorldOfReplicas(options: WorldOptions = {}): Promise<World<ProductReplicas>> {
  return startWorldWith(options, (settings) => startProductReplicas(settings));
}

/** With a product started as `startProduct` does, given the settings that the stand-ins give. */
export async function startWorldWith<Kind extends Product>(
  options: WorldOptions,
  startProduct: (settings: Settings, given: ProductGiven) => Promise<Kind>,
): Promise<World<Kind>> {
  const functionsPort = options.functionsPort ?? (await findFreePort());
  const bridgePort = options.bridgePort ?? (await findFreePort());
  const standIns = await startStandIns({
    functionsUrl: `http://127.0.0.1:${functionsPort}`,
    bridgeUrl: `http://127.0.0.1:${bridgePort}`,
    ...options,
  });
  const settings = { ...standIns.settings, ...options.settings };
  let product: Kind;
  try {
    product = await startProduct(settings, { log: options.log, people: options.people });
  } catch (error) {
    await standIns.stop();
    throw error;
  }
  const stop = async () => {
    await product.stop();
    await standIns.stop();
  };
  const apiKey = options.settings?.API_KEY;
  try {
    await standIns.subscribe(apiKey);
  } catch (error) {
    await stop();
    throw error;
  }
  const keyHeader: Record<string, string> = apiKey === undefined ? {} : { 'x-functions-key': apiKey };
  return {
    standIns,
    product,
    settings,
    ask(path, body) {
      const url = `${product.functionsUrl}${path}`;
      if (body === undefined) return fetch(url, { headers: keyHeader });
      const headers = { 'content-type': 'application/json', ...keyHeader };
      return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    },
    async watch(listener) {
      const url = `${product.bridgeUrl.replace(/^http/, 'ws')}/ws/events`;
      const socket = new WebSocket(url, { headers: keyHeader });
      socket.on('message', (data) => {
        const message = JSON.parse(String(data)) as FeedMessage;
        if (message.type !== 'ping') listener(message);
      });
      await new Promise((resolve, reject) => {
        socket.once('open', resolve);
        socket.once('error', reject);
      });
      return () => socket.terminate();
    },
    stop,
  };
}

/** Writes under `out/` and tells where. */
export async function keepSound(name: string, wav: Buffer): Promise<string> {
  const folder = 'out';
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name}.wav`);
  await writeFile(path, wav);
  return path;
}
