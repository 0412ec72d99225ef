// Plays one world to its end: two bridges, two functions hosts, its calls, its faults; and gathers what the judge needs to know.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallEvent } from '../../shared/call/call-event.ts';
import { isHeld } from '../../shared/stores/call-hold.ts';
import type { Stores } from '../../shared/stores/stores.ts';
import { placesCapName } from '../../shared/telephony/dial-places.ts';
import { startScenarioWorldWith } from '../scenarios/scenario-world.ts';
import { virtualTime } from '../virtual-time/install.ts';
import { SeededRandom } from '../virtual-time/seeded-random.ts';
import type { Settings } from '../world/product.ts';
import { createMachinesStarter } from '../world/product-machines.ts';
import { chaosRules, writeChaosAgent } from './chaos-agent.ts';
import { manDesk } from './desk.ts';
import type { ChaosWorld } from './fault.ts';
import { faultTable } from './fault-table.ts';
import { PlayedCall } from './played-call.ts';
import { TrueTimes } from './true-times.ts';
import type { FaultPlan, WorldPlan } from './world-plan.ts';
import type { PlayedFault, WorldRecord } from './world-record.ts';

/** After the last call and the last fault: the place of an outbound call that nobody served lapses after three minutes. */
const longestSettlingMs = 200_000;
/** Whatever is told late, or is done once a minute, has come by then; a world in which nothing is left has no more to show. */
const settlingStepMs = 65_000;
/** After the world was stopped: whatever somebody waits for by then has come, or is given up, the longest download too. */
const closingMs = 310_000;

export interface ChaosOptions {
  /** Others than the usual ones, with a defect planted in them: to see that a rule bites. */
  readonly stores?: Stores;
  readonly settings?: Settings;
}

export interface PlayOptions extends ChaosOptions {
  /** Both sides of each call are kept: for a replay. */
  readonly onCall?: (call: PlayedCall) => Promise<void>;
}

export interface OpenChaosWorld {
  readonly world: ChaosWorld;
  readonly log: string[];
  /** Idempotent. */
  close(): Promise<void>;
}

export async function playWorld(plan: WorldPlan, { onCall, ...options }: PlayOptions = {}): Promise<WorldRecord> {
  const before = virtualTime.left;
  const open = await openChaosWorld(plan, options);
  try {
    const played = await playCalls(open, plan, onCall);
    await open.close();
    await sleep(closingMs);
    const after = virtualTime.left;
    const left = { timers: after.timers - before.timers, sockets: after.sockets - before.sockets };
    return { ...played, left: { ...played.left, ...left } };
  } finally {
    await open.close().catch(() => {});
  }
}

export async function openChaosWorld(
  { model, isRecorded }: Pick<WorldPlan, 'model' | 'isRecorded'>,
  { stores, settings = {} }: ChaosOptions = {},
): Promise<OpenChaosWorld> {
  const agent = await writeChaosAgent({ isRecorded });
  const log: string[] = [];
  const trueTimes = new TrueTimes();
  const starter = createMachinesStarter(virtualTime, {
    stores,
    equip: (reached, machine) => trueTimes.watch(reached, machine),
    bridges: 2,
    functions: 2,
    logTo: { write: (line) => void log.push(line) },
  });
  const all = { VOICE_MODEL: model, LOG_LEVEL: 'info', AGENTS_FOLDER: agent.folder, ...settings };
  try {
    const started = await startScenarioWorldWith({ timeScale: 1, settings: all, rules: chaosRules }, starter);
    const world: ChaosWorld = {
      ...started,
      virtualTime,
      trueTimes,
      pages: new Map(),
      pageFaults: { alter: (text) => text },
    };
    let closing: Promise<void> | undefined;
    const close = () => (closing ??= world.stop().finally(() => agent.forget()));
    return { world, log, close };
  } catch (error) {
    await agent.forget();
    throw error;
  }
}

/** The calls and the faults of a plan, and what is left of them when they are over; nothing is stopped for it. */
export async function playCalls(
  { world, log }: OpenChaosWorld,
  plan: WorldPlan,
  onCall?: PlayOptions['onCall'],
): Promise<WorldRecord> {
  await manDesk(world, plan.desk);
  const calls = await Promise.all(plan.calls.map((call) => PlayedCall.create(world, call)));
  const [startedAt, zeroMs] = [Date.now(), performance.now()];
  const faults = plan.faults.map((fault) => playFault(world, fault));
  await Promise.all(calls.map((call) => call.play()));
  const played = await Promise.all(faults);
  let events = await readEvents(world);
  let found = await findLeft(world, [...events.values()].flat());
  for (let ms = 0; ms < longestSettlingMs && (ms === 0 || !isEmpty(found)); ms += settlingStepMs) {
    await sleep(settlingStepMs);
    events = await readEvents(world);
    found = await findLeft(world, [...events.values()].flat());
  }
  const records = [];
  for (const call of calls) {
    records.push(await call.read(world.product.stores, (name) => events.get(name)));
    await onCall?.(call);
  }
  const endedMs = performance.now();
  return {
    plan,
    startedAt: startedAt - zeroMs,
    endedMs,
    faults: played,
    calls: records,
    machineOfReplica: readReplicas(log),
    left: { ...found, timers: 0, sockets: 0 },
    log,
    secrets: findSecrets(world),
  };
}

async function playFault(world: ChaosWorld, { name, atMs, forMs, draw }: FaultPlan): Promise<PlayedFault> {
  const strike = faultTable[name];
  if (!strike) throw new Error(`no fault is called ${name}`);
  await sleep(atMs);
  const fromMs = performance.now();
  const { undo, ...struck } = strike(world, new SeededRandom(draw));
  await sleep(forMs);
  await undo?.();
  return { name, fromMs, toMs: performance.now(), ...struck };
}

/** By the number, and by the carrier's name of the call: who had to introduce a call does not know the number. */
async function readEvents({ product: { stores } }: ChaosWorld): Promise<Map<string, readonly CallEvent[]>> {
  const found = new Map<string, readonly CallEvent[]>();
  for (const callId of await stores.stream.recentCallIds(1_000)) {
    const events = await stores.stream.read(callId);
    for (const event of events) {
      const name =
        event.type === 'call-created'
          ? event.remoteParty
          : event.type === 'carrier-accepted'
            ? event.carrierCallId
            : undefined;
      if (name !== undefined) found.set(name, [...(found.get(name) ?? []), ...events]);
    }
  }
  return found;
}

async function findLeft({ product, standIns: { acs, twilio } }: ChaosWorld, events: readonly CallEvent[]) {
  const { leases, history, dialCounts } = product.stores;
  const callIds = [...new Set(events.map(({ callId }) => callId))];
  const held = await Promise.all(callIds.map(async (callId) => ((await isHeld(leases, callId)) ? [callId] : [])));
  const running = product.bridges.filter(({ isRunning }) => isRunning);
  const counts = await Promise.all(running.map((bridge) => bridge.countCalls().catch(() => 0)));
  return {
    leases: held.flat(),
    legs: [
      ...acs.calls.filter(({ end }) => !end).map(({ number }) => number),
      ...twilio.calls.filter(({ isLive }) => isLive).map(({ options }) => `${options.from} to ${options.to}`),
    ],
    heldCalls: counts.reduce((sum, count) => sum + count, 0),
    unended: (await history.listUnended(100)).map(({ callId }) => callId),
    dialPlaces: (await dialCounts.holders(placesCapName)).length,
  };
}

function isEmpty({ leases, legs, heldCalls, unended, dialPlaces }: Awaited<ReturnType<typeof findLeft>>): boolean {
  return leases.length + legs.length + heldCalls + unended.length + dialPlaces === 0;
}

/** Each bridge says by which name it signs what it writes. */
function readReplicas(log: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    log
      .filter((line) => line.includes('the media bridge is ready'))
      .map((line) => JSON.parse(line) as { service: string; replica: string })
      .map(({ service, replica }) => [replica, service]),
  );
}

function findSecrets({ settings }: ChaosWorld): string[] {
  const names = ['MEDIA_TOKEN_SECRET', 'TWILIO_AUTH_TOKEN', 'AZURE_OPENAI_API_KEY', 'AZURE_SPEECH_KEY'] as const;
  const accessKey = /accesskey=(.+)$/.exec(settings.ACS_CONNECTION_STRING ?? '')?.[1];
  return [...names.map((name) => settings[name]), accessKey].filter((secret) => secret !== undefined);
}
