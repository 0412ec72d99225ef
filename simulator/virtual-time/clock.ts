// The clock of virtual time: it stands still until it is told to go on to the next timer.
import { AsyncResource } from 'node:async_hooks';
import { Due, DueQueue } from './due-queue.ts';
import { currentMachine, type Machine } from './machine.ts';

/** As in Node: what does not fit into 31 bits fires at once. */
const longestDelayMs = 2 ** 31 - 1;

type Callback = (...args: unknown[]) => void;

/** What `setTimeout` and `setInterval` return. */
export class VirtualTimer extends Due {
  readonly #clock: VirtualClock;
  readonly #callback: Callback;
  readonly #args: readonly unknown[];
  readonly #scope = new AsyncResource('Timeout', { requireManualDestroy: true });
  readonly #repeats: boolean;
  readonly machine: Machine | undefined = currentMachine();
  readonly delayMs: number;
  #isRef = true;
  #id: number | undefined;

  constructor(clock: VirtualClock, callback: Callback, delayMs: number, args: readonly unknown[], repeats: boolean) {
    super();
    this.#clock = clock;
    this.#callback = callback;
    this.#args = args;
    this.#repeats = repeats;
    this.delayMs = delayMs >= 1 && delayMs <= longestDelayMs ? Math.trunc(delayMs) : 1;
    clock.start(this);
  }

  fire(): void {
    if (this.#repeats) this.#clock.start(this);
    const { machine } = this;
    if (machine) machine.step(this.#call);
    else this.#call();
  }

  readonly #call = () => this.#scope.runInAsyncScope(this.#callback, this, ...this.#args);

  ref(): this {
    if (!this.#isRef) this.#clock.count(this, 1);
    this.#isRef = true;
    return this;
  }

  unref(): this {
    if (this.#isRef) this.#clock.count(this, -1);
    this.#isRef = false;
    return this;
  }

  hasRef(): boolean {
    return this.#isRef;
  }

  refresh(): this {
    this.#clock.stop(this);
    this.#clock.start(this);
    return this;
  }

  close(): this {
    this.#clock.stop(this);
    return this;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  [Symbol.toPrimitive](): number {
    return (this.#id ??= this.#clock.name(this));
  }
}

export class VirtualClock {
  readonly #queue = new DueQueue();
  readonly #byId = new Map<number, VirtualTimer>();
  readonly #rank: (delayMs: number) => number;
  readonly #onChange: () => void;
  #nowMs = 0;
  #order = 0;
  #refs = 0;
  #fired = 0;

  /** `rank` orders timers of different delays that are due at the same moment. */
  constructor(rank: (delayMs: number) => number, onChange: () => void) {
    this.#rank = rank;
    this.#onChange = onChange;
  }

  /** Since virtual time began; a whole number. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Timers that keep the process alive. */
  get refs(): number {
    return this.#refs;
  }

  get pending(): number {
    return this.#queue.size;
  }

  /** How many timers have fired so far. */
  get fired(): number {
    return this.#fired;
  }

  setTimer(callback: Callback, delayMs: number, args: readonly unknown[] = [], repeats = false): VirtualTimer {
    if (typeof callback !== 'function') {
      throw Object.assign(new TypeError('The "callback" argument must be of type function.'), {
        code: 'ERR_INVALID_ARG_TYPE',
      });
    }
    return new VirtualTimer(this, callback, delayMs, args, repeats);
  }

  clear(timer: unknown): void {
    if (timer instanceof VirtualTimer) this.stop(timer);
    else if (typeof timer === 'number' || typeof timer === 'string') this.#byId.get(Number(timer))?.close();
  }

  start(timer: VirtualTimer): void {
    // Nothing of a machine that was killed ever runs on.
    if (timer.machine?.isDead) return;
    timer.dueMs = this.#nowMs + timer.delayMs;
    timer.rank = this.#rank(timer.delayMs);
    timer.order = ++this.#order;
    this.#queue.add(timer);
    this.count(timer, timer.hasRef() ? 1 : 0);
    this.#onChange();
  }

  stop(timer: VirtualTimer): void {
    const refs = timer.hasRef() ? -1 : 0;
    if (timer.place >= 0) this.count(timer, refs);
    this.#queue.delete(timer);
  }

  count(timer: VirtualTimer, by: number): void {
    if (timer.place >= 0) this.#refs += by;
  }

  name(timer: VirtualTimer): number {
    const id = this.#byId.size + 1;
    this.#byId.set(id, timer);
    return id;
  }

  /** Goes on to the next timer and fires it. False when there is none. */
  fireNext(): boolean {
    const timer = this.#queue.next as VirtualTimer | undefined;
    if (!timer) return false;
    // Late, when time has jumped.
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
    this.stop(timer);
    this.#fired++;
    timer.fire();
    return true;
  }

  stopAllOf(machine: Machine): void {
    for (const timer of [...this.#queue] as VirtualTimer[]) if (timer.machine === machine) this.stop(timer);
  }

  /** Lets `ms` pass without firing what becomes due: it all happens late, as after a machine slept. */
  jump(ms: number): void {
    this.#nowMs += ms;
  }
}
