// The history of calls in an SQLite file: the default, without any service to set up. The file belongs to a worker thread.
import { Worker } from 'node:worker_threads';
import type { CallId } from '../call/call.ts';
import type { CallState } from '../call/call-state.ts';
import { AppError } from '../errors.ts';
import { within } from '../within.ts';
import type { CallHistory, CallPage } from './call-history.ts';
import { type CallQuery, facetsOf } from './call-query.ts';
import { cursorOf, formatCursor, parseCursor } from './history-cursor.ts';
import type { CallRow } from './sqlite-calls.ts';
import type { SqliteAnswer, SqliteRequest } from './sqlite-worker.ts';

/** Longer than the worker waits for a lock. */
const requestTimeoutMs = 2000;
/** A disk that is stuck for good holds no more than this. */
const maxUnanswered = 100;

/** After the last there is: the first page is the page after this. */
const beforeAll = { createdAt: Number.MAX_SAFE_INTEGER, id: '' };

/** Beside this file as a source, and beside the bundle that this file is in. */
const workerUrl = new URL(
  import.meta.url.endsWith('.ts') ? './sqlite-worker.ts' : './sqlite-worker.js',
  import.meta.url,
);

type Answered = (answer: SqliteAnswer) => void;

export class SqliteCallHistory implements CallHistory {
  readonly #folder: string;
  /** Also those that nobody waits for any more: the worker has them still. */
  readonly #unanswered = new Map<number, Answered>();
  #worker: Worker | undefined;
  #serial = 0;
  #closing: Promise<void> | undefined;

  /** Keeps the history in `calls.sqlite` in this folder. Nothing is opened before it is wanted. Must be closed. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async save(call: CallState): Promise<boolean> {
    return (await this.#ask({ type: 'save', row: formatRow(call) })) as boolean;
  }

  async saveOver(version: number, call: CallState): Promise<boolean> {
    return (await this.#ask({ type: 'save-over', version, row: formatRow(call) })) as boolean;
  }

  async find(callId: CallId): Promise<CallState | undefined> {
    const found = await this.#ask({ type: 'find', id: callId });
    return found === undefined ? undefined : parseCall(found as string);
  }

  async list({ limit, next, ...filter }: CallQuery): Promise<CallPage> {
    const cursor = next === undefined ? undefined : parseCursor(next);
    const after = cursor ? { createdAt: cursor.createdAt, id: cursor.callId } : beforeAll;
    const found = ((await this.#ask({ type: 'list', after, filter, limit: limit + 1 })) as string[]).map(parseCall);
    const calls = found.slice(0, limit);
    return found.length > limit && calls.length > 0
      ? { calls, next: formatCursor(cursorOf(calls.at(-1)!)) }
      : { calls };
  }

  async listUnended(limit: number): Promise<readonly CallState[]> {
    return ((await this.#ask({ type: 'list-standing', standing: 'live', limit })) as string[]).map(parseCall);
  }

  async listOwing(limit: number): Promise<readonly CallState[]> {
    return ((await this.#ask({ type: 'list-standing', standing: 'owing', limit })) as string[]).map(parseCall);
  }

  async remove(callId: CallId): Promise<void> {
    await this.#ask({ type: 'remove', id: callId });
  }

  async removeOlder(createdBefore: number): Promise<number> {
    return (await this.#ask({ type: 'remove-older', createdBefore })) as number;
  }

  async ping(): Promise<void> {
    await this.#ask({ type: 'probe' });
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

  async #ask(request: SqliteRequest): Promise<unknown> {
    if (this.#closing !== undefined) throw unavailable('it was closed');
    if (this.#unanswered.size >= maxUnanswered) throw unavailable('too many requests wait for it');
    return this.#post((this.#worker ??= this.#start()), request);
  }

  async #post(worker: Worker, request: SqliteRequest): Promise<unknown> {
    const serial = ++this.#serial;
    const { promise, resolve } = Promise.withResolvers<SqliteAnswer>();
    this.#unanswered.set(serial, resolve);
    worker.postMessage({ serial, request });
    const answer = await within(requestTimeoutMs, promise, () => {
      throw unavailable(`no answer within ${requestTimeoutMs} ms`);
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

function formatRow(call: CallState): CallRow {
  const { createdAt, callId } = cursorOf(call);
  return { id: callId, createdAt, version: call.version, facets: facetsOf(call), call: JSON.stringify(call) };
}

function parseCall(text: string): CallState {
  return JSON.parse(text) as CallState;
}
