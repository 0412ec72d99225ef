// The machines of the simulated world, by name: started, killed, paused, stopped and started again.
import type { VirtualClock } from './clock.ts';
import { Machine } from './machine.ts';
import type { VirtualNetwork } from './network.ts';

/** What runs on a machine: how it ends in order, as on SIGTERM. */
export interface Program {
  stop(): Promise<void>;
}

export interface Actor {
  readonly name: string;
  readonly isRunning: boolean;
  /** Everything that `work` starts belongs to this machine. */
  run<Result>(work: () => Result): Result;
  /** Starts a program here; `stop` ends it. A machine that was killed begins a new life. */
  start<Started extends Program>(program: () => Promise<Started>): Promise<Started>;
  /** SIGTERM: the program ends in order. */
  stop(): Promise<void>;
  /** kill -9: its sockets are reset, its timers and writes are gone, nothing of it ever runs on. */
  kill(): void;
  /** SIGSTOP: nothing runs; its kernel takes in what comes. */
  pause(): void;
  /** SIGCONT: what came in meanwhile happens now, and its timers are late. */
  resume(): void;
  /** Sets its wall clock wrong by so much: `Date` there, and no timer. */
  setClockOff(ms: number): void;
}

export class MachineRoom {
  readonly #clock: VirtualClock;
  readonly #network: VirtualNetwork;
  readonly #actors = new Map<string, Actor>();

  constructor(clock: VirtualClock, network: VirtualNetwork) {
    this.#clock = clock;
    this.#network = network;
  }

  get(name: string): Actor {
    let actor = this.#actors.get(name);
    if (!actor) this.#actors.set(name, (actor = this.#create(name)));
    return actor;
  }

  /** It is gone for good, and so are its links. */
  forget(name: string): void {
    this.#actors.delete(name);
    this.#network.forgetLinksOf(name);
  }

  #create(name: string): Actor {
    const clock = this.#clock;
    const network = this.#network;
    let machine = new Machine(name, 1);
    let program: Program | undefined;
    return {
      name,
      get isRunning() {
        return !machine.isDead && program !== undefined;
      },
      run: (work) => machine.run(work),
      async start(open) {
        if (machine.isDead) machine = new Machine(name, machine.life + 1);
        const starting = machine;
        const started = await starting.run(open);
        if (starting === machine) program = started;
        return started;
      },
      async stop() {
        const ending = program;
        program = undefined;
        await machine.run(() => ending?.stop());
      },
      kill() {
        machine.die();
        program = undefined;
        clock.stopAllOf(machine);
        network.removeAllOf(machine);
      },
      pause: () => machine.pause(),
      setClockOff(ms) {
        machine.clockOffMs = ms;
      },
      resume() {
        for (const step of machine.resume()) network.soon(step);
      },
    };
  }
}
