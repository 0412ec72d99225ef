// Runs the product on machines of virtual time: several functions hosts and bridges, each behind one address, over shared stores.
import { registerApp } from '../../functions/app.ts';
import { createServices } from '../../functions/services.ts';
import { startBridge } from '../../media-bridge/start.ts';
import { type Config, readConfig } from '../../shared/config.ts';
import { createLogger } from '../../shared/logger.ts';
import { createMemoryStores } from '../../shared/stores/memory-stores.ts';
import type { Stores } from '../../shared/stores/stores.ts';
import { watchStores } from '../../shared/stores/watched-stores.ts';
import { startFunctionsHost } from '../functions-host/functions-host.ts';
import { type Ingress, startIngress } from '../ingress/ingress.ts';
import type { Actor } from '../virtual-time/machine-room.ts';
import { reachStores } from '../virtual-time/remote-store.ts';
import type { VirtualTime } from '../virtual-time/virtual-time.ts';
import type { Product, Settings } from './product.ts';

/** The names of the machines on which the shared stores are: what a link to them is called. */
export const liveStoreMachine = 'redis';
export const historyMachine = 'cosmos';

export interface ProductMachine extends Actor {
  /** Of its own, past the ingress. */
  readonly url: string;
  /** How many calls it says it has. */
  countCalls(): Promise<number>;
}

export interface BridgeMachine extends ProductMachine {
  /** SIGTERM: drains, and ends. The platform tells nobody of it any more. */
  terminate(): Promise<void>;
}

export interface ProductMachines extends Product {
  readonly bridges: readonly BridgeMachine[];
  readonly functions: readonly ProductMachine[];
  /** What all of them share: past every link. */
  readonly stores: Stores;
  /** One more; it gets new connections from then on. */
  addBridge(settings?: Settings): Promise<BridgeMachine>;
  addFunctions(): Promise<ProductMachine>;
  /** As a platform does at night: the newest so many of each stay, and those that are gone are forgotten. */
  scaleIn(count: number): Promise<void>;
}

export interface MachineOptions {
  /** What all of them share; in memory if nothing is given. */
  readonly stores?: Stores;
  readonly bridges?: number;
  readonly functions?: number;
  /** Stores as this machine is to use them, in place of those that it reaches. */
  readonly equip?: (stores: Stores, machine: string) => Stores;
  /** Where all of them log; the standard output if nothing is given. */
  readonly logTo?: { write(line: string): void };
}

/** Machines are called `bridge-1`, `functions-1` and so on. */
export function createMachinesStarter(
  virtualTime: VirtualTime,
  { bridges = 2, functions = 1, ...given }: MachineOptions = {},
) {
  return async (settings: Settings): Promise<ProductMachines> => {
    const stores = given.stores ?? createMemoryStores();
    const equip = (machine: string, { LOG_LEVEL: level, LOG_PII: showPii }: Config) => {
      const log = createLogger({ level, showPii, service: machine, destination: given.logTo });
      const live = virtualTime.link(machine, liveStoreMachine);
      const history = virtualTime.link(machine, historyMachine);
      // As those that the settings open: under watch, with their limits of time.
      const names = { live: 'Redis', history: 'Cosmos DB' };
      const reached = watchStores(reachStores(stores, { live, history }), names, log);
      return { log, reached: given.equip?.(reached, machine) ?? reached };
    };
    const bridgeDoor = await startIngress({ port: Number(settings.PORT) });
    const functionsDoor = await startIngress({
      port: Number(settings.FUNCTIONS_PORT),
      // Azure asks whether the host is there, not how the app is.
      probePath: '/healthz',
      isReady: () => true,
    });
    const started = { bridges: [] as BridgeMachine[], functions: [] as ProductMachine[] };
    const named = { bridges: 0, functions: 0 };

    const addBridge = async (more: Settings = {}) => {
      const name = `bridge-${++named.bridges}`;
      const config = readConfig({ ...settings, PORT: '0', ...more });
      const { log, reached } = equip(name, config);
      const actor = virtualTime.machine(name);
      let bridge: Awaited<ReturnType<typeof startBridge>> | undefined;
      const opened = await startMachine(actor, async () => {
        bridge = await startBridge(config, { stores: reached, log });
        return bridge;
      });
      const machine: BridgeMachine = Object.assign(opened, {
        async terminate() {
          await actor.run(() => bridge!.drain(config.DRAIN_SECONDS * 1000));
          if (actor.isRunning) await actor.stop();
        },
      });
      started.bridges.push(machine);
      await bridgeDoor.add(machine.url);
      return machine;
    };
    const addFunctions = async () => {
      const name = `functions-${++named.functions}`;
      const config = readConfig(settings);
      const { log, reached } = equip(name, config);
      const app = async () => registerApp(await createServices(config, { stores: reached, log }));
      const open = () => startFunctionsHost({ port: 0, apiKey: config.API_KEY, log, app });
      const machine = await startMachine(virtualTime.machine(name), open);
      started.functions.push(machine);
      await functionsDoor.add(machine.url);
      return machine;
    };
    for (let n = 0; n < functions; n++) await addFunctions();
    for (let n = 0; n < bridges; n++) await addBridge();

    return {
      ...started,
      stores,
      addBridge,
      addFunctions,
      async scaleIn(count) {
        const bridges = dropOldest(started.bridges, count, bridgeDoor);
        await Promise.all(bridges.filter(({ isRunning }) => isRunning).map((bridge) => bridge.terminate()));
        const hosts = dropOldest(started.functions, count, functionsDoor);
        await Promise.all(hosts.filter(({ isRunning }) => isRunning).map((host) => host.stop()));
        for (const { name } of [...bridges, ...hosts]) virtualTime.forget(name);
      },
      functionsUrl: functionsDoor.url,
      bridgeUrl: bridgeDoor.url,
      async stop() {
        for (const machine of [...started.bridges, ...started.functions]) if (machine.isRunning) await machine.stop();
        await Promise.all([bridgeDoor.stop(), functionsDoor.stop()]);
        await stores.close();
      },
    };
  };
}

/** Those that are dropped: some of them still run. */
function dropOldest<Machine extends ProductMachine>(machines: Machine[], count: number, door: Ingress): Machine[] {
  const running = machines.filter(({ isRunning }) => isRunning);
  const kept = running.slice(-count);
  const dropped = machines.splice(0, machines.length, ...kept).filter((machine) => !kept.includes(machine));
  for (const { url } of dropped) door.remove(url);
  return dropped;
}

async function startMachine(
  actor: Actor,
  open: () => Promise<{ readonly url: string; stop(): Promise<void> }>,
): Promise<ProductMachine> {
  const { url } = await actor.start(open);
  return Object.assign(Object.create(actor) as Actor, {
    url,
    async countCalls() {
      const response = await fetch(`${url}/healthz`);
      return ((await response.json()) as { calls: number }).calls;
    },
  });
}
