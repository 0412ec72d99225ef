// Work that goes on outside the event loop (files, names, keys, workers): time waits for it, and nobody sees which thread was faster.

import { AsyncResource } from 'node:async_hooks';

interface Job {
  readonly name: string;
  /** What follows from a job runs in the context in which it began, whoever lets it end. */
  readonly scope: AsyncResource;
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

  /** Call what it returns when the job is done, with what then happens: that is put off until `releaseNext`. */
  begin(name: string): (release: () => void) => void {
    const scope = new AsyncResource('Job', { requireManualDestroy: true });
    const job: Job = { name, scope, release: undefined };
    this.#jobs.add(job);
    this.#onChange();
    return (release) => {
      job.release ??= release;
      this.#onChange();
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

  /** To be called when all else is quiet: lets the job that began first end. False while it is still at work. */
  releaseNext(): boolean {
    for (const job of this.#jobs) {
      if (!job.release) return false;
      this.#jobs.delete(job);
      job.scope.runInAsyncScope(job.release);
      return true;
    }
    return false;
  }
}
