// What is due at some moment of virtual time, the earliest first: a binary heap that gives up any of its members in O(log n).

export abstract class Due {
  /** The moment, in ms of virtual time. */
  dueMs = 0;
  /** Between those that are due at the same moment: drawn by the seed. */
  rank = 0;
  /** Between those of the same rank: first come, first served. */
  order = 0;
  /** Its place in the heap; -1 when it is in none. */
  place = -1;

  abstract fire(): void;
}

export class DueQueue {
  readonly #heap: Due[] = [];

  get size(): number {
    return this.#heap.length;
  }

  get next(): Due | undefined {
    return this.#heap[0];
  }

  add(due: Due): void {
    this.#rise(due, this.#heap.length);
  }

  delete(due: Due): boolean {
    const { place } = due;
    if (place < 0) return false;
    due.place = -1;
    const last = this.#heap.pop()!;
    if (last !== due) {
      this.#sink(last, place);
      this.#rise(last, last.place);
    }
    return true;
  }

  [Symbol.iterator](): IterableIterator<Due> {
    return this.#heap[Symbol.iterator]();
  }

  #rise(due: Due, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!isBefore(due, this.#heap[above]!)) break;
      this.#put(this.#heap[above]!, place);
      place = above;
    }
    this.#put(due, place);
  }

  #sink(due: Due, from: number): void {
    const { length } = this.#heap;
    let place = from;
    for (;;) {
      let below = place * 2 + 1;
      if (below >= length) break;
      if (below + 1 < length && isBefore(this.#heap[below + 1]!, this.#heap[below]!)) below++;
      if (!isBefore(this.#heap[below]!, due)) break;
      this.#put(this.#heap[below]!, place);
      place = below;
    }
    this.#put(due, place);
  }

  #put(due: Due, place: number): void {
    this.#heap[place] = due;
    due.place = place;
  }
}

function isBefore(a: Due, b: Due): boolean {
  if (a.dueMs !== b.dueMs) return a.dueMs < b.dueMs;
  if (a.rank !== b.rank) return a.rank < b.rank;
  return a.order < b.order;
}
