// The link between two machines: as fast as it is told to be, and as broken.
import type { Parcel, VirtualSocket } from './virtual-socket.ts';

export type LinkState = 'up' | 'refused' | 'black-hole';

interface LinkWorld {
  after(delayMs: number, step: () => void): void;
  /** From 0 up to 1, by the seed. */
  draw(): number;
}

/** One way of one connection: what is sent on it arrives in its order. */
class Way {
  readonly travelling: (() => void)[] = [];
  lastArrivalMs = 0;
}

export class Link {
  /** One way. */
  delayMs = 0;
  /** Up to this much more, differently for each parcel; their order stays. */
  jitterMs = 0;
  readonly #world: LinkWorld;
  readonly #ends = new Set<VirtualSocket>();
  readonly #ways = new WeakMap<object, Way>();
  readonly #onCut = new Set<() => void>();
  #state: LinkState = 'up';
  /** What a black hole swallowed: sent again by the kernels when it is gone. */
  #held: { readonly sender: object; readonly arrive: () => void }[] = [];

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
    for (const listener of [...this.#onCut]) listener();
  }

  slow(delayMs: number, jitterMs = 0): void {
    this.delayMs = delayMs;
    this.jitterMs = jitterMs;
  }

  /** Fast and sound again. */
  heal(): void {
    this.#state = 'up';
    this.slow(0);
    const held = this.#held;
    this.#held = [];
    for (const { sender, arrive } of held) this.send(sender, arrive);
  }

  join(a: VirtualSocket, b: VirtualSocket): void {
    this.#ends.add(a).add(b);
  }

  leave(end: VirtualSocket): void {
    this.#ends.delete(end);
  }

  /** For what is connected otherwise than by sockets. Returns stop. */
  whenCut(listener: () => void): () => void {
    this.#onCut.add(listener);
    return () => this.#onCut.delete(listener);
  }

  carry(from: VirtualSocket, parcel: Parcel): void {
    const { peer } = from;
    this.send(from, () => peer?.arrive(parcel));
  }

  /** `arrive` runs when and if what `sender` sends arrives, after all that it sent before. */
  send(sender: object, arrive: () => void): void {
    if (this.#state === 'black-hole') {
      this.#held.push({ sender, arrive });
      return;
    }
    const way = this.#ways.get(sender);
    if (this.delayMs === 0 && this.jitterMs === 0 && !way?.travelling.length) arrive();
    else this.#travel(sender, arrive, way ?? new Way());
  }

  #travel(sender: object, arrive: () => void, way: Way): void {
    this.#ways.set(sender, way);
    way.travelling.push(arrive);
    // Nothing overtakes what was sent before it.
    way.lastArrivalMs = Math.max(way.lastArrivalMs, performance.now() + this.#drawDelay());
    // Of several that arrive at one moment any timer may fire first: the first that was sent is the one that lands.
    this.#world.after(way.lastArrivalMs - performance.now(), () => {
      const first = way.travelling.shift()!;
      if (this.#state === 'black-hole') this.#held.push({ sender, arrive: first });
      else first();
    });
  }

  #drawDelay(): number {
    return this.jitterMs === 0 ? this.delayMs : this.delayMs + Math.floor(this.#world.draw() * (this.jitterMs + 1));
  }
}
