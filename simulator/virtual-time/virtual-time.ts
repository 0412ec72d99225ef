// Virtual time for this process: one clock, one network, one seed; and the handles by which a test holds them.

import { VirtualClock } from './clock.ts';
import { installConnectionPools } from './connection-pools.ts';
import { installJobs } from './job-patches.ts';
import { Jobs } from './jobs.ts';
import type { Link } from './link.ts';
import { type Actor, MachineRoom } from './machine-room.ts';
import { createMetronome } from './metronome.ts';
import { installNetwork, VirtualNetwork, type WireRecord } from './network.ts';
import { installSeededRandom, SeededRandom } from './seeded-random.ts';
import { installTime, real } from './time-globals.ts';

/** A Monday afternoon in Europe, a Monday morning in America: nobody's quiet hour, and the same day in every run. */
const epochMs = Date.UTC(2027, 1, 1, 15);

/** Far more than any test plays. */
const longestRunMs = 1000 * 86_400_000;

export interface VirtualTime {
  readonly seed: number;
  /** Draws of a test's own; they shift nobody else's. */
  readonly random: SeededRandom;
  /** Since this process began. */
  readonly nowMs: number;
  /** How much real time the process has taken meanwhile. */
  readonly realMs: number;
  /** A machine that is gone for good, and its links. */
  forget(machine: string): void;
  /** Records all that is sent from now on. */
  recordWire(): WireRecord;
  /** A machine by its name; it is there when it is first asked for. */
  machine(name: string): Actor;
  /** The link between two machines, or between a machine and the `world` outside all of them. */
  link(a: string, b: string): Link;
  /** What is left: for tests that nothing is. */
  readonly left: { readonly timers: number; readonly sockets: number; readonly ports: readonly number[] };
  /** Lets time jump, as on a machine that slept or a clock that was set. */
  jump(ms: number): void;
}

/** Once in a process, before anything else is imported. */
export function installVirtualTime(seed: number): VirtualTime {
  const startedAtMs = real.nowMs();
  const random = new SeededRandom(seed);
  const tieBreak = random.fork();
  // Those of less than a minute have their place at once: a process that lives for hours grows by none that it meets.
  const [shortRanks, longRanks] = [new Float64Array(60_000).fill(Number.NaN), new Map<number, number>()];
  // Timers of one delay stay in their order, as Node promises; those of different delays have none.
  const rank = (delayMs: number) => {
    let drawn = delayMs < shortRanks.length ? shortRanks[delayMs]! : (longRanks.get(delayMs) ?? Number.NaN);
    if (!Number.isNaN(drawn)) return drawn;
    drawn = tieBreak.uint32();
    if (delayMs < shortRanks.length) shortRanks[delayMs] = drawn;
    else longRanks.set(delayMs, drawn);
    return drawn;
  };
  const wake = () => beat();
  const clock = new VirtualClock(rank, wake);
  const jobs = new Jobs(wake);
  const network = new VirtualNetwork(clock, random.fork(), wake);
  const { immediates } = installTime(clock, epochMs);
  const beat = createMetronome({
    underway: () => network.underway + immediates(),
    endNextJob: () => jobs.releaseNext(),
    outside: () => (jobs.size > 0 ? jobs.names : readingNow()),
    isAlive: () => clock.refs > 0 || network.isAlive,
    fireNext: () => {
      if (clock.nowMs > longestRunMs)
        throw new Error(`virtual time ran for ${longestRunMs / 86_400_000} days: what is awaited never comes`);
      return clock.fireNext();
    },
    setImmediate: real.setImmediate,
    setInterval: real.setInterval,
  });
  installNetwork(network);
  installConnectionPools();
  installJobs(jobs);
  // After the jobs: a seeded key is made of jobs of its own, which would wait for it as it waits for them.
  installSeededRandom(random.fork());
  const machines = new MachineRoom(clock, network);
  return {
    seed,
    random: random.fork(),
    get nowMs() {
      return clock.nowMs;
    },
    get realMs() {
      return real.nowMs() - startedAtMs;
    },
    recordWire: () => network.record(),
    machine: (name) => machines.get(name),
    forget: (machine) => machines.forget(machine),
    link: (a, b) => network.link(a, b),
    get left() {
      return { timers: clock.pending, sockets: network.sockets.size, ports: network.ports };
    },
    jump: (ms) => clock.jump(ms),
  };
}

const nobody: readonly string[] = [];

/** Files that Node reads by itself, to import a module, and those that are read by a handle. */
function readingNow(): readonly string[] {
  const resources = process.getActiveResourcesInfo();
  if (resources.length === 0) return nobody;
  const requests = resources.filter((name) => name.startsWith('FSReq') || name.startsWith('FileHandle'));
  return requests.length === 0 ? nobody : requests.map((name) => `node: ${name}`);
}
