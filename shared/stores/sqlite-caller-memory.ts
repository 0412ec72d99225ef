// What is remembered of callers in the SQLite file of the history.
import type { CallerKey, CallerMemory, CallerVisit, ForgetRequest } from './caller-memory.ts';
import type { SqliteThread } from './sqlite-thread.ts';

/** No hash of a caller is called so. */
const requests = 'forget-requests';

export class SqliteCallerMemory implements CallerMemory {
  readonly #thread: SqliteThread;

  constructor(thread: SqliteThread) {
    this.#thread = thread;
  }

  async remember(caller: CallerKey, visit: CallerVisit): Promise<void> {
    const { callId: id, at, expiresAt } = visit;
    const row = { kind: 'visit', caller, id, at, expiresAt, data: JSON.stringify(visit) } as const;
    await this.#thread.ask({ type: 'put-caller', row });
  }

  async visits(caller: CallerKey, limit: number): Promise<readonly CallerVisit[]> {
    const found = (await this.#thread.ask({ type: 'list-caller', caller, kind: 'visit', limit })) as string[];
    return found.map((data) => JSON.parse(data) as CallerVisit);
  }

  async forget(caller: CallerKey): Promise<number> {
    return (await this.#thread.ask({ type: 'remove-caller', caller })) as number;
  }

  async saveRequest(request: ForgetRequest): Promise<void> {
    const { id, requestedAt: at, expiresAt, doneAt } = request;
    const kind = doneAt === undefined ? 'open-request' : 'done-request';
    const row = { kind, caller: requests, id, at, expiresAt, data: JSON.stringify(request) } as const;
    await this.#thread.ask({ type: 'put-caller', row });
  }

  async findRequest(id: string): Promise<ForgetRequest | undefined> {
    const found = await this.#thread.ask({ type: 'find-caller', caller: requests, id });
    return found === undefined ? undefined : (JSON.parse(found as string) as ForgetRequest);
  }

  async openRequests(limit: number): Promise<readonly ForgetRequest[]> {
    const asked = { type: 'list-caller', caller: requests, kind: 'open-request', limit: 1_000 } as const;
    const found = ((await this.#thread.ask(asked)) as string[]).map((data) => JSON.parse(data) as ForgetRequest);
    return found.reverse().slice(0, limit);
  }

  async removeExpired(): Promise<number> {
    return (await this.#thread.ask({ type: 'remove-expired' })) as number;
  }

  async ping(): Promise<void> {
    await this.#thread.ask({ type: 'probe' });
  }

  async close(): Promise<void> {
    await this.#thread.close();
  }
}
