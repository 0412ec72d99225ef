// How late things came, as a histogram: a million of them take no more room than one.

const stepMs = 0.02;
const maxMs = 2_000;

export interface LatencySummary {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

export class Latencies {
  readonly #counts = new Uint32Array(maxMs / stepMs + 1);
  #count = 0;
  #maxMs = 0;

  add(ms: number): void {
    this.#counts[Math.min(this.#counts.length - 1, Math.max(0, Math.floor(ms / stepMs)))]! += 1;
    this.#count += 1;
    if (ms > this.#maxMs) this.#maxMs = ms;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#maxMs = 0;
  }

  /** Rounded up to the histogram's step. */
  summarise(): LatencySummary {
    const at = (share: number) => this.#find(share);
    return { count: this.#count, p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999), maxMs: round(this.#maxMs) };
  }

  #find(share: number): number {
    const wanted = Math.ceil(this.#count * share);
    let seen = 0;
    for (const [index, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= wanted) return round(Math.min((index + 1) * stepMs, this.#maxMs));
    }
    return 0;
  }
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
