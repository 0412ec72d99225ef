// The worker thread that owns the SQLite file of the history: asked one thing at a time, and replaced when it ends.
import { Worker } from 'node:worker_threads';
import { AppError } from '../errors.ts';
import { within } from '../within.ts';
import type { SqliteAnswer, SqliteRequest } from './sqlite-worker.ts';

/** Longer than the worker waits for a lock. */
const requestTimeoutMs = 2000;
/** A disk that is stuck for good holds no more than this. */
const maxUnanswered = 100;

/** Beside this file as a source, and beside the bundle that this file is in. */
const workerUrl = new URL(
  import.meta.url.endsWith('.ts') ? './sqlite-worker.ts' : './sqlite-worker.js',
  import.meta.url,
);

type Answered = (answer: SqliteAnswer) => void;

export class SqliteThread {
  readonly #folder: string;
  readonly #timeoutMs: number;
  /** Also those that nobody waits for any more: the worker has them still. */
  readonly #unanswered = new Map<number, Answered>();
  #worker: Worker | undefined;
  #serial = 0;
  #closing: Promise<void> | undefined;

  /** Nothing is opened before it is wanted. Must be closed. */
  constructor(folder: string, { timeoutMs = requestTimeoutMs } = {}) {
    this.#folder = folder;
    this.#timeoutMs = timeoutMs;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    await this.#post(worker, { type: 'close' }).catch(() => {});
    await worker.terminate();
  }

  /** Rejects with STORE_UNAVAILABLE. */
  async ask(request: SqliteRequest): Promise<unknown> {
    if (this.#closing !== undefined) throw unavailable('it was closed');
    if (this.#unanswered.size >= maxUnanswered) throw unavailable('too many requests wait for it');
    return this.#post((this.#worker ??= this.#start()), request);
  }

  async #post(worker: Worker, request: SqliteRequest): Promise<unknown> {
    const serial = ++this.#serial;
    const { promise, resolve } = Promise.withResolvers<SqliteAnswer>();
    this.#unanswered.set(serial, resolve);
    worker.postMessage({ serial, request });
    const answer = await within(this.#timeoutMs, promise, () => {
      throw unavailable(`no answer within ${this.#timeoutMs} ms`);
    });
    if ('problem' in answer) throw unavailable(answer.problem);
    return answer.value;
  }

  /** A worker that ends is replaced when the file is wanted again. */
  #start(): Worker {
    const worker = new Worker(workerUrl, { workerData: this.#folder, name: 'sqlite' });
    worker.on('message', (answer: SqliteAnswer) => {
      this.#unanswered.get(answer.serial)?.(answer);
      this.#unanswered.delete(answer.serial);
    });
    // Without a listener its error would be this process's.
    worker.on('error', () => {});
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const [serial, answered] of this.#unanswered) answered({ serial, problem: 'its thread ended' });
      this.#unanswered.clear();
    });
    worker.unref();
    return worker;
  }
}

function unavailable(problem: string): AppError {
  return new AppError('STORE_UNAVAILABLE', { store: 'the history file in DATA_FOLDER', problem });
}
