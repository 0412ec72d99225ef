// The link between two machines: as fast as it is told to be, and as broken.
import type { Parcel, VirtualSocket } from './virtual-socket.ts';

export type LinkState = 'up' | 'refused' | 'black-hole';

interface LinkWorld {
  after(delayMs: number, step: () => void): void;
  /** From 0 up to 1, by the seed. */
  draw(): number;
}

interface Held {
  readonly from: VirtualSocket;
  readonly parcel: Parcel;
}

export class Link {
  /** One way. */
  delayMs = 0;
  /** Up to this much more, differently for each parcel; their order stays. */
  jitterMs = 0;
  readonly #world: LinkWorld;
  readonly #ends = new Set<VirtualSocket>();
  /** What each end has sent and is still on its way, and when the last of it arrives. */
  readonly #travelling = new WeakMap<VirtualSocket, { readonly parcels: Parcel[]; lastArrivalMs: number }>();
  #state: LinkState = 'up';
  #held: Held[] = [];
  #attempts: (() => void)[] = [];

  constructor(world: LinkWorld) {
    this.#world = world;
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Connections over this link now. */
  get connections(): number {
    return this.#ends.size / 2;
  }

  /** New connections are refused; those that are open stay. */
  refuse(): void {
    this.#state = 'refused';
  }

  /** Both ends stay open, nothing arrives, nobody is told. */
  blackHole(): void {
    this.#state = 'black-hole';
  }

  /** Resets every connection; new ones are made as before. */
  cut(): void {
    this.#held = [];
    for (const end of [...this.#ends]) end.arrive('reset');
  }

  slow(delayMs: number, jitterMs = 0): void {
    this.delayMs = delayMs;
    this.jitterMs = jitterMs;
  }

  /** Fast and sound again: what a black hole swallowed arrives now, as it is sent again by the kernels. */
  heal(): void {
    this.#state = 'up';
    this.slow(0);
    const held = this.#held;
    const attempts = this.#attempts;
    this.#held = [];
    this.#attempts = [];
    for (const { from, parcel } of held) this.carry(from, parcel);
    for (const attempt of attempts) attempt();
  }

  join(a: VirtualSocket, b: VirtualSocket): void {
    this.#ends.add(a).add(b);
  }

  leave(end: VirtualSocket): void {
    this.#ends.delete(end);
  }

  /** A first packet, which may be swallowed or late as any other. */
  attempt(step: () => void): void {
    if (this.#state === 'black-hole') this.#attempts.push(step);
    else if (this.delayMs === 0 && this.jitterMs === 0) step();
    else this.#world.after(this.#drawDelay(), step);
  }

  carry(from: VirtualSocket, parcel: Parcel): void {
    if (this.#state === 'black-hole') {
      this.#held.push({ from, parcel });
      return;
    }
    const way = this.#travelling.get(from);
    if (this.delayMs === 0 && this.jitterMs === 0 && !way?.parcels.length) {
      from.peer?.arrive(parcel);
      return;
    }
    this.#send(from, parcel, way ?? { parcels: [], lastArrivalMs: 0 });
  }

  #send(from: VirtualSocket, parcel: Parcel, way: { readonly parcels: Parcel[]; lastArrivalMs: number }): void {
    this.#travelling.set(from, way);
    way.parcels.push(parcel);
    // Nothing overtakes what was sent before it.
    way.lastArrivalMs = Math.max(way.lastArrivalMs, performance.now() + this.#drawDelay());
    // Of several that arrive at one moment any timer may fire first: the first parcel is the one that lands.
    this.#world.after(way.lastArrivalMs - performance.now(), () => this.#land(from, way.parcels.shift()!));
  }

  #land(from: VirtualSocket, parcel: Parcel): void {
    if (this.#state === 'black-hole') this.#held.push({ from, parcel });
    else from.peer?.arrive(parcel);
  }

  #drawDelay(): number {
    return this.jitterMs === 0 ? this.delayMs : this.delayMs + Math.floor(this.#world.draw() * (this.jitterMs + 1));
  }
}
