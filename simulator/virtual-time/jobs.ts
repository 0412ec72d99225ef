// Work that goes on outside the event loop (files, names, keys, workers): time waits for it, and it ends in the order in which it began.

interface Job {
  readonly name: string;
  release: (() => void) | undefined;
}

export class Jobs {
  readonly #jobs = new Set<Job>();
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get size(): number {
    return this.#jobs.size;
  }

  get names(): string[] {
    return [...this.#jobs].map(({ name }) => name);
  }

  /**
   * Call what it returns when the job is done, with what then happens. That happens once all jobs that began earlier are done:
   * which thread was faster must not decide anything.
   */
  begin(name: string): (release: () => void) => void {
    const job: Job = { name, release: undefined };
    this.#jobs.add(job);
    this.#onChange();
    return (release) => {
      job.release ??= release;
      this.#releaseInOrder();
    };
  }

  /** The same for work that is a promise. */
  track<Result>(name: string, work: Promise<Result>): Promise<Result> {
    const end = this.begin(name);
    return new Promise((resolve, reject) => {
      work.then(
        (result) => end(() => resolve(result)),
        (error) => end(() => reject(error)),
      );
    });
  }

  #releaseInOrder(): void {
    for (const job of this.#jobs) {
      if (!job.release) return;
      this.#jobs.delete(job);
      job.release();
      this.#onChange();
    }
  }
}
