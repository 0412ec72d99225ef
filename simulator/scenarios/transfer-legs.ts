// The two legs of a transfer as the carriers see them, and the bridges that serve them: what is open, who is in the way, who is taken away.
import { setTimeout as sleep } from 'node:timers/promises';
import type { PhoneCarrier } from '../../shared/call/call.ts';
import type { SeededRandom } from '../virtual-time/seeded-random.ts';
import type { BridgeMachine } from '../world/product-machines.ts';
import type { StandIns } from '../world/stand-ins.ts';
import type { Machines } from './machines.ts';

/** Two who talk hear each other without us. */
export function isBridgeOut({ acs, twilio }: StandIns, carrier: PhoneCarrier, caller: string): boolean {
  if (carrier === 'acs') {
    const { mediaStreamingSubscription: media } = acs.calls.find(({ number }) => number === caller)!.properties as {
      mediaStreamingSubscription?: { state: string };
    };
    return media?.state === 'inactive';
  }
  const [room] = [...twilio.conferences.values()].filter(({ hasStarted }) => hasStarted);
  return room?.callSids.length === 2;
}

export function listOpenLegs({ acs, twilio }: StandIns): readonly string[] {
  return [
    ...acs.calls.filter(({ end }) => !end).map(({ number }) => number),
    ...twilio.calls.filter(({ isLive }) => isLive).map(({ options }) => options.to),
  ];
}

/** One that serves somebody, if any does. */
async function pickServing({ product }: Machines, random: SeededRandom): Promise<BridgeMachine> {
  const running = product.bridges.filter(({ isRunning }) => isRunning);
  const calls = await Promise.all(running.map((bridge) => bridge.countCalls()));
  const serving = running.filter((_, index) => calls[index]! > 0);
  return serving.length > 0 ? random.pick(serving) : running[0]!;
}

/** Another one takes its place. */
export async function killBridge(world: Machines, random: SeededRandom): Promise<void> {
  (await pickServing(world, random)).kill();
  await world.product.addBridge();
}

/** As in a rolling restart: the next one is there first. Killed in the midst of it where `dies`. */
export async function drainBridge(world: Machines, random: SeededRandom, dies: boolean): Promise<void> {
  const bridge = await pickServing(world, random);
  await world.product.addBridge();
  void bridge.terminate().catch(() => {});
  if (!dies) return;
  await sleep(random.integer(0, 40_000));
  if (bridge.isRunning) bridge.kill();
}
