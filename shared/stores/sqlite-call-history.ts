// The history of calls in an SQLite file: the default, without any service to set up.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { CallId } from '../call/call.ts';
import type { CallState } from '../call/call-state.ts';
import { AppError } from '../errors.ts';
import type { CallHistory, CallPage } from './call-history.ts';
import { cursorOf, formatCursor, type HistoryCursor, parseCursor } from './history-cursor.ts';

/** For a writer in another process: a write takes 0.05 ms, so whoever waits this long waits for a stuck disk. */
const busyTimeoutMs = 2000;
const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS calls (
    id TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    call TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS calls_by_age ON calls (created_at DESC, id DESC);`;

/** After the last there is: the first page is the page after this. */
const beforeAll: Pick<HistoryCursor, 'createdAt'> & { callId: string } = {
  createdAt: Number.MAX_SAFE_INTEGER,
  callId: '',
};

export class SqliteCallHistory implements CallHistory {
  readonly #database: DatabaseSync;
  readonly #save: StatementSync;
  readonly #find: StatementSync;
  readonly #list: StatementSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(schema);
    this.#save = database.prepare(`
      INSERT INTO calls (id, created_at, version, call) VALUES (?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at, version = excluded.version, call = excluded.call
      WHERE excluded.version > calls.version`);
    this.#find = database.prepare('SELECT call FROM calls WHERE id = ?');
    this.#list = database.prepare(`
      SELECT call FROM calls WHERE (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?`);
  }

  /** Keeps the history in `calls.sqlite` in this folder, made if it is not there. Must be closed. */
  static open(folder: string): SqliteCallHistory {
    try {
      // What callers said is in there: not for others on this machine.
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      return new SqliteCallHistory(new DatabaseSync(join(folder, 'calls.sqlite'), { timeout: busyTimeoutMs }));
    } catch (cause) {
      throw new AppError('BAD_SETTING', `DATA_FOLDER (${folder}): the history cannot be kept there`, { cause });
    }
  }

  async save(call: CallState): Promise<void> {
    const { createdAt, callId } = cursorOf(call);
    this.#try(() => this.#save.run(callId, createdAt, call.version, JSON.stringify(call)));
  }

  async find(callId: CallId): Promise<CallState | undefined> {
    const row = this.#try(() => this.#find.get(callId));
    return row && parseCall(row);
  }

  async list({ limit, next }: { limit: number; next?: string }): Promise<CallPage> {
    const { createdAt, callId } = next === undefined ? beforeAll : parseCursor(next);
    const found = this.#try(() => this.#list.all(createdAt, callId, limit + 1)).map(parseCall);
    const calls = found.slice(0, limit);
    return found.length > limit && calls.length > 0
      ? { calls, next: formatCursor(cursorOf(calls.at(-1)!)) }
      : { calls };
  }

  async ping(): Promise<void> {
    this.#try(() => this.#find.get(''));
  }

  async close(): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
  }

  #try<Result>(query: () => Result): Result {
    try {
      return query();
    } catch (cause) {
      throw new AppError('STORE_UNAVAILABLE', 'the history file under DATA_FOLDER is unavailable', { cause });
    }
  }
}

function parseCall(row: Record<string, unknown>): CallState {
  return JSON.parse(String(row.call)) as CallState;
}
