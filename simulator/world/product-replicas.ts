// Runs the product as a platform does that scales it: functions, and several bridges as processes of their own behind one address.
import { type Ingress, startIngress } from '../ingress/ingress.ts';
import { PartProcess, type Product, type Settings } from './product.ts';

export interface ProductReplicas extends Product {
  readonly functions: PartProcess;
  /** In the order they were started, those that have ended too. */
  readonly bridges: readonly PartProcess[];
  /** What `bridgeUrl` is the address of. */
  readonly ingress: Ingress;
  /** One more, with these settings over those of the others; it gets new connections from then on. */
  addBridge(settings?: Settings): Promise<PartProcess>;
}

export async function startProductReplicas(settings: Settings, bridgeCount = 2): Promise<ProductReplicas> {
  const ingress = await startIngress({ port: Number(settings.PORT) });
  const bridges: PartProcess[] = [];
  const addBridge = async (more: Settings = {}) => {
    // The platform gives each replica a port of its own; the one that the world knows is the ingress's.
    const bridge = await PartProcess.start('media-bridge/main.ts', { ...settings, PORT: '0', ...more });
    bridges.push(bridge);
    await ingress.add(bridge.url);
    return bridge;
  };
  const starting = Promise.allSettled([
    PartProcess.start('simulator/functions-host/main.ts', settings),
    ...Array.from({ length: bridgeCount }, () => addBridge()),
  ]);
  const [functions, ...others] = await starting;
  const stop = async () => {
    await Promise.all(bridges.map((bridge) => bridge.stop()));
    if (functions.status === 'fulfilled') await functions.value.stop();
    await ingress.stop();
  };
  const failed = [functions, ...others].find((part) => part.status === 'rejected');
  if (failed || functions.status === 'rejected') {
    // Left running, the others would keep this process alive.
    await stop();
    throw failed!.reason;
  }
  return {
    functions: functions.value,
    functionsUrl: functions.value.url,
    bridgeUrl: ingress.url,
    bridges,
    ingress,
    addBridge,
    stop,
  };
}
