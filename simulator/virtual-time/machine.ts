// A machine of the simulated world: it owns the timers and sockets that were made on it, and can be killed, paused and stopped.
import { AsyncLocalStorage } from 'node:async_hooks';

/** One life of a machine: started again, it is another one under the same name. */
export class Machine {
  readonly name: string;
  /** Which one, of those that had its name. */
  readonly life: number;
  /** Its wall clock is wrong by so much; its timers are right. */
  clockOffMs = 0;
  #state: 'running' | 'paused' | 'dead' = 'running';
  #held: (() => void)[] = [];
  readonly #onDeath = new Set<() => void>();

  constructor(name: string, life: number) {
    this.name = name;
    this.life = life;
  }

  get isDead(): boolean {
    return this.#state === 'dead';
  }

  get isPaused(): boolean {
    return this.#state === 'paused';
  }

  /** Everything that `work` starts belongs to this machine, however late it runs. */
  run<Result>(work: () => Result): Result {
    return current.run(this, work);
  }

  /** Runs `step` as this machine may: at once, when it goes on, or never. */
  step(step: () => void): void {
    if (this.#state === 'running') step();
    else if (this.#state === 'paused') this.#held.push(step);
  }

  pause(): void {
    if (this.#state === 'running') this.#state = 'paused';
  }

  /** What came in meanwhile happens now, in its order. */
  resume(): readonly (() => void)[] {
    if (this.#state !== 'paused') return [];
    this.#state = 'running';
    const held = this.#held;
    this.#held = [];
    return held;
  }

  die(): void {
    this.#state = 'dead';
    this.#held = [];
    for (const listener of this.#onDeath) listener();
    this.#onDeath.clear();
  }

  /** For what the rest of the world keeps of it. Returns stop. */
  whenDead(listener: () => void): () => void {
    this.#onDeath.add(listener);
    return () => this.#onDeath.delete(listener);
  }
}

const current = new AsyncLocalStorage<Machine>();

/** The machine on which this code runs; undefined outside all of them. */
export function currentMachine(): Machine | undefined {
  return current.getStore();
}

/** How far the wall clock is off that this code reads. */
export function currentClockOffMs(): number {
  return current.getStore()?.clockOffMs ?? 0;
}

/** What `work` starts belongs to no machine. */
export function outsideMachines<Result>(work: () => Result): Result {
  return current.exit(work);
}
