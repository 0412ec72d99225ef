// A world that lives for hours: calls and faults go on, and after each hour it is looked at what the process holds.
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { DialCounts } from '../../shared/stores/dial-counts.ts';
import { MemoryDialCounts } from '../../shared/stores/memory-dial-counts.ts';
import { createMemoryStores } from '../../shared/stores/memory-stores.ts';
import { placesCapName } from '../../shared/telephony/dial-places.ts';
import { virtualTime } from '../virtual-time/install.ts';
import { measureCompiledCode } from './compiled-code.ts';
import { drawPlan } from './draw-plan.ts';
import { judge } from './judge.ts';
import { type OpenChaosWorld, openChaosWorld, playCalls } from './play-world.ts';
import type { Violation } from './violation.ts';

const hourMs = 3_600_000;
/** Of an hour: within the rest of it the last calls and faults are over. */
const callingMs = 3_000_000;
/** Two of each machine, as at the beginning; what they tell of their end has come by then. */
const replicas = 2;
const calmMs = 120_000;
/** Numbers of phones have room for so many; those of yesterday may call again. */
const maxNumbers = 8_000;
const collections = 4;
/** More rows than an hour leaves. */
const manyRows = 10_000;

export interface LongLifePlan {
  readonly seed: number;
  readonly hours: number;
  readonly callsPerHour: number;
  readonly faultNames: readonly string[];
}

/** What a process holds when nothing goes on. */
export interface Holdings {
  /** Without what V8 makes of the code. */
  readonly heapBytes: number;
  readonly codeBytes: number;
  readonly timers: number;
  readonly sockets: number;
  /** In the stores: live calls and those that ended lately, rows of the history, places, bridges. */
  readonly keys: number;
}

export interface LivedHour extends Holdings {
  readonly hour: number;
  readonly calls: number;
  readonly faults: number;
  readonly violations: readonly Violation[];
}

export async function* liveLong({ seed, hours, callsPerHour, faultNames }: LongLifePlan): AsyncGenerator<LivedHour> {
  const collect = findCollector();
  const startsEveryMs = callingMs / callsPerHour;
  const draw = (hour: number) => {
    const after = (hour * callsPerHour) % maxNumbers;
    return drawPlan(seed + hour, { calls: callsPerHour, faultNames, startsEveryMs, after });
  };
  const dialled = new DialledLately();
  const open = await openChaosWorld(draw(0), { stores: { ...createMemoryStores(), dialCounts: dialled.counts } });
  try {
    const startedMs = performance.now();
    for (let hour = 0; hour < hours; hour++) {
      // What the product does every so often is as far as it was an hour ago.
      const endsMs = startedMs + (hour + 1) * hourMs;
      const { model, isRecorded } = draw(0);
      const plan = { ...draw(hour), model, isRecorded };
      const violations = judge(await playCalls(open, plan));
      await open.world.product.scaleIn(replicas);
      await sleep(Math.max(calmMs, endsMs - performance.now()));
      await forget(open);
      await dialled.forget();
      await collect();
      const { calls, faults } = plan;
      yield { hour: hour + 1, calls: calls.length, faults: faults.length, violations, ...(await measure(open)) };
    }
  } finally {
    await open.close();
  }
}

/** Orders are known for a day, and none of these comes twice: all but the places may be forgotten each hour. */
class DialledLately {
  #kept = new MemoryDialCounts();
  readonly counts: DialCounts = {
    claim: (...given) => this.#kept.claim(...given),
    confirm: (...given) => this.#kept.confirm(...given),
    giveBack: (...given) => this.#kept.giveBack(...given),
    hold: (...given) => this.#kept.hold(...given),
    release: (...given) => this.#kept.release(...given),
    holders: (...given) => this.#kept.holders(...given),
  };

  async forget(): Promise<void> {
    const holders = await this.#kept.holders(placesCapName);
    this.#kept = new MemoryDialCounts();
    for (const orderId of holders) await this.#kept.hold(placesCapName, orderId, hourMs);
  }
}

/** What stand-ins and judges keep, and what is kept outside of the process where there is more than one. */
async function forget({ world, log }: OpenChaosWorld): Promise<void> {
  const { standIns, product, pages, trueTimes } = world;
  standIns.forget();
  trueTimes.forget();
  for (const { phones } of [standIns.acs, standIns.twilio]) phones.clear();
  for (const [number, { isOver }] of pages) if (isOver) pages.delete(number);
  log.splice(0, log.length, ...log.filter((line) => line.includes('the media bridge is ready')));
  const { history } = product.stores;
  for (const { callId, phase } of (await history.list({ limit: manyRows })).calls)
    if (phase === 'ended') await history.remove(callId);
}

async function measure({ world }: OpenChaosWorld): Promise<Holdings> {
  const { stream, history, bridgeLoads, dialCounts } = world.product.stores;
  const kept = await Promise.all([
    stream.recentCallIds(manyRows),
    bridgeLoads.list(),
    dialCounts.holders(placesCapName),
  ]);
  const { calls } = await history.list({ limit: manyRows });
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const { timers, sockets } = virtualTime.left;
  const keys = calls.length + kept.reduce((sum, { length }) => sum + length, 0);
  const codeBytes = await measureCompiledCode();
  return { heapBytes: heapUsed + arrayBuffers - codeBytes, codeBytes, timers, sockets, keys };
}

/** What a first collection has only marked, and what other threads free, is gone after some. */
function findCollector(): () => Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  return async () => {
    for (let n = 0; n < collections; n++) {
      collect();
      await sleep(1_000);
    }
  };
}
