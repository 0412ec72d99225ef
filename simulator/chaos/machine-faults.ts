// Machines of the product that are killed, paused, told to stop or joined by others, and the links between them and the world.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Link } from '../virtual-time/link.ts';
import type { ProductMachine } from '../world/product-machines.ts';
import { type ChaosWorld, type Faults, pickRunning, type Strike, type Struck } from './fault.ts';

const [slowMs, jitterMs] = [150, 60];
/** Between two machines. */
const deployStepMs = 3_000;
/** What a link does, and whether what went over it is gone or only late. */
const linkTroubles = {
  slow: (link: Link) => link.slow(slowMs, jitterMs),
  cut: (link: Link) => link.cut(),
  refused(link: Link) {
    link.refuse();
    link.cut();
  },
  'a black hole': (link: Link) => link.blackHole(),
};

const kinds = { bridge: 'bridges', functions: 'functions' } as const;
type Kind = keyof typeof kinds;

const machinesOf = ({ product }: ChaosWorld, kind: Kind): readonly ProductMachine[] => product[kinds[kind]];

function breakLink(kind: Kind, trouble: keyof typeof linkTroubles): Strike {
  return (world, random) => {
    const machine = pickRunning(machinesOf(world, kind), random);
    if (!machine) return {};
    const link = world.virtualTime.link(machine.name, 'world');
    linkTroubles[trouble](link);
    return {
      machine: machine.name,
      ...(trouble === 'slow' && { delaysMs: slowMs + jitterMs }),
      ...(trouble === 'a black hole' && { holdsUp: true }),
      ...(kind === 'bridge' ? { takesLineOf: { machine: machine.name } } : { takesAway: 'functions' }),
      undo: () => link.heal(),
    };
  };
}

/** The platform starts another one in its place when the fault is over. */
function kill(kind: Kind): Strike {
  return (world, random) => {
    const machine = pickRunning(machinesOf(world, kind), random);
    if (!machine) return {};
    machine.kill();
    return {
      ...lost(kind, machine),
      isKill: true,
      undo: async () => void (await (kind === 'bridge' ? world.product.addBridge() : world.product.addFunctions())),
    };
  };
}

function pause(kind: Kind): Strike {
  return (world, random) => {
    const machine = pickRunning(machinesOf(world, kind), random);
    if (!machine) return {};
    machine.pause();
    return { ...lost(kind, machine), undo: () => machine.resume() };
  };
}

function lost(kind: Kind, { name: machine }: ProductMachine): Struck {
  return kind === 'bridge' ? { machine, takesLineOf: { machine } } : { machine, takesAway: 'functions' };
}

/** As a deployment does: a new one first. */
const drain: Strike = ({ product }, random) => {
  const bridge = pickRunning(product.bridges, random);
  if (!bridge) return {};
  void product.addBridge().then(() => (bridge.isRunning ? bridge.terminate() : undefined));
  return { machine: bridge.name };
};

/** Everything is replaced, one after the other: each machine has a new one beside it before it is told to stop. */
const deploy: Strike = ({ product }) => {
  const replaceAll = async () => {
    for (const bridge of product.bridges.filter(({ isRunning }) => isRunning)) {
      await product.addBridge();
      void bridge.terminate();
      await sleep(deployStepMs);
    }
    for (const host of product.functions.filter(({ isRunning }) => isRunning)) {
      await product.addFunctions();
      await sleep(deployStepMs);
      if (host.isRunning) await host.stop();
    }
  };
  void replaceAll();
  return {};
};

/** The computer slept, and everything that was due happens late. */
const jump: Strike = ({ virtualTime }, random) => {
  const sleptMs = random.integer(200, 5_000);
  virtualTime.jump(sleptMs);
  return { takesLineOf: 'everybody', sleptMs };
};

const [leastOffMs, mostOffMs] = [5_000, 240_000];

/** Its time of day is wrong, its timers are right: before or behind all others, until it is set right at once. */
function setWrong(kind: Kind): Strike {
  return (world, random) => {
    const machine = pickRunning(machinesOf(world, kind), random);
    if (!machine) return {};
    const offMs = random.integer(leastOffMs, mostOffMs) * (random.chance(0.5) ? 1 : -1);
    machine.setClockOff(offMs);
    world.trueTimes.noteOff(machine.name, offMs);
    return { machine: machine.name, undo: () => machine.setClockOff(0) };
  };
}

export const machineFaults: Faults = {
  'a rolling deployment': deploy,
  'the clock jumps': jump,
  'clock of a bridge wrong': setWrong('bridge'),
  'clock of functions wrong': setWrong('functions'),
  'bridge killed': kill('bridge'),
  'bridge paused': pause('bridge'),
  'bridge drained': drain,
  'bridge added': ({ product }) => {
    void product.addBridge();
    return {};
  },
  'functions killed': kill('functions'),
  'functions paused': pause('functions'),
  'link of a bridge slow': breakLink('bridge', 'slow'),
  'link of a bridge cut': breakLink('bridge', 'cut'),
  'link of a bridge refused': breakLink('bridge', 'refused'),
  'link of a bridge a black hole': breakLink('bridge', 'a black hole'),
  'link of functions slow': breakLink('functions', 'slow'),
  'link of functions cut': breakLink('functions', 'cut'),
  'link of functions refused': breakLink('functions', 'refused'),
  'link of functions a black hole': breakLink('functions', 'a black hole'),
};
