// The product on machines of virtual time, at the pace of real life, and its record of a call while it comes about.
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CallDetail, callDetailSchema } from '../../shared/api.ts';
import type { CallId } from '../../shared/call/call.ts';
import { virtualTime } from '../virtual-time/install.ts';
import type { Settings } from '../world/product.ts';
import { createMachinesStarter, type MachineOptions, type ProductMachines } from '../world/product-machines.ts';
import type { World } from '../world/world.ts';
import { startScenarioWorldWith } from './scenario-world.ts';

export type Machines = World<ProductMachines>;

export async function startMachines(
  t: TestContext,
  counts: MachineOptions = { bridges: 1 },
  settings: Settings = {},
): Promise<Machines> {
  const world = await startScenarioWorldWith({ timeScale: 1, settings }, createMachinesStarter(virtualTime, counts));
  t.after(() => world.stop());
  return world;
}

/** Far apart: minutes pass in some tests. */
const lookEveryMs = 500;

/** The call with this phone, as the API tells it, as soon as it `isThere`; as it is after the time where it never is. */
export async function readRecord(
  { product }: Machines,
  phone: string,
  isThere: (call: CallDetail) => boolean,
  withinMs = 180_000,
): Promise<CallDetail | undefined> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const callId = await findCallId(product, phone);
    const response = callId && (await fetch(`${product.functionsUrl}/api/calls/${callId}`).catch(() => undefined));
    const call = response?.ok ? callDetailSchema.parse(await response.json()) : undefined;
    if ((call && isThere(call)) || performance.now() > untilMs) return call;
    await sleep(lookEveryMs);
  }
}

export async function findCallId({ stores }: ProductMachines, phone: string): Promise<CallId | undefined> {
  for (const callId of await stores.stream.recentCallIds(100)) {
    const events = await stores.stream.read(callId);
    if (events.some((event) => event.type === 'call-created' && event.remoteParty === phone)) return callId;
  }
  return undefined;
}
