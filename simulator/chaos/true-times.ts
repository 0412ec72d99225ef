// When what machines wrote down really happened: a machine whose clock is wrong signs with its own time.
import type { CallEvent } from '../../shared/call/call-event.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import type { Stores } from '../../shared/stores/stores.ts';

/** Timers are whole milliseconds, and an event is written in the one in which it happened, or later. */
const soonMs = 5;

interface Written {
  readonly machine: string;
  readonly atMs: number;
}

export class TrueTimes {
  /** By event, when it was first asked to be written, and by whom. */
  readonly #written = new Map<string, Written>();
  /** By machine, by how much its clock was ever wrong. */
  readonly #offs = new Map<string, Set<number>>();

  noteOff(machine: string, offMs: number): void {
    this.#offs.set(machine, (this.#offs.get(machine) ?? new Set()).add(offMs));
  }

  /** All that was written: of calls that were judged nobody asks again. */
  forget(): void {
    this.#written.clear();
    this.#offs.clear();
  }

  /** Stores that note what a machine writes. */
  watch(stores: Stores, machine: string): Stores {
    const { stream } = stores;
    const append = (event: CallEvent) => {
      // Called on the machine, whose clock may be wrong: timers and this one are right.
      const atMs = performance.timeOrigin + performance.now();
      if (!this.#written.has(event.id)) this.#written.set(event.id, { machine, atMs });
      return stream.append(event);
    };
    const watched = new Proxy(stream, {
      get: (target, name) => (name === 'append' ? append : (Reflect.get(target, name) as unknown)),
    });
    return { ...stores, stream: watched };
  }

  /** An event, and what the history made of it, with the time that it would have been signed with by a clock that is right. */
  correct(events: readonly CallEvent[], history: CallState | undefined) {
    const trueAt = new Map<string, number>();
    const corrected = events.map((event) => {
      const at = this.#find(event);
      if (event.type === 'turn-finished') trueAt.set(`${event.role} ${event.at} ${event.text}`, at);
      return { ...event, at };
    });
    const turns = history?.turns.map((turn) => ({
      ...turn,
      at: trueAt.get(`${turn.role} ${turn.at} ${turn.text}`) ?? turn.at,
    }));
    return { events: corrected, ...(history && turns && { history: { ...history, turns } }) };
  }

  /** It happened before it was written, and of what could be true the latest is. */
  #find({ id, at }: CallEvent): number {
    const written = this.#written.get(id);
    const offs = written && this.#offs.get(written.machine);
    if (!offs) return at;
    const possible = [at, ...[...offs].map((offMs) => at - offMs)].filter((ms) => ms <= written.atMs + soonMs);
    return possible.length > 0 ? Math.max(...possible) : at;
  }
}
