// The calls in an SQLite file: opened when it is first wanted, and again after it was lost. Blocks whoever calls it.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** For a writer in another process: a write takes 0.05 ms, so whoever waits this long waits for somebody who is stuck, and keeps reads waiting. */
const busyTimeoutMs = 250;
const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS calls (
    id TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    call TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS calls_by_age ON calls (created_at DESC, id DESC);
  CREATE INDEX IF NOT EXISTS unended_calls ON calls (created_at DESC) WHERE call ->> '$.phase' <> 'ended';
  CREATE TABLE IF NOT EXISTS probe (id INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;`;

/** `call` is the state of the call as JSON. */
export interface CallRow {
  readonly id: string;
  readonly createdAt: number;
  readonly version: number;
  readonly call: string;
}

interface OpenFile {
  readonly database: DatabaseSync;
  /** Of the file, to know it from another of the same name. */
  readonly inode: number;
  readonly save: StatementSync;
  readonly insert: StatementSync;
  readonly update: StatementSync;
  readonly find: StatementSync;
  readonly list: StatementSync;
  readonly listUnended: StatementSync;
  readonly probe: StatementSync;
}

/** Every method throws what SQLite or the file system says. */
export class SqliteCalls {
  readonly #folder: string;
  #file: OpenFile | undefined;

  /** The file is `calls.sqlite` in this folder, which is made if it is not there. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Keeps the newer of what is there and what is given. False: what is there is not older. */
  save({ id, createdAt, version, call }: CallRow): boolean {
    return this.#open().save.run(id, createdAt, version, call).changes === 1;
  }

  /** Keeps it only where what is there has version `over`, or is not there and `over` is 0. */
  saveOver(over: number, { id, createdAt, version, call }: CallRow): boolean {
    const { insert, update } = this.#open();
    const statement =
      over === 0 ? insert.run(id, createdAt, version, call) : update.run(createdAt, version, call, id, over);
    return statement.changes === 1;
  }

  find(id: string): string | undefined {
    const row = this.#open().find.get(id);
    return row && String(row.call);
  }

  /** Those after the given one, newest first. */
  list(after: { createdAt: number; id: string }, limit: number): readonly string[] {
    return this.#open()
      .list.all(after.createdAt, after.id, limit)
      .map(({ call }) => String(call));
  }

  /** Newest first. */
  listUnended(limit: number): readonly string[] {
    return this.#open()
      .listUnended.all(limit)
      .map(({ call }) => String(call));
  }

  /** Writes, since a lock and a full disk show only then. */
  probe(): void {
    this.#open().probe.run(Date.now());
  }

  close(): void {
    this.#file?.database.close();
    this.#file = undefined;
  }

  #open(): OpenFile {
    const path = join(this.#folder, 'calls.sqlite');
    // SQLite would go on in a file that was deleted or replaced, and nobody would ever read that.
    if (this.#file && this.#file.inode !== statSync(path, { throwIfNoEntry: false })?.ino) this.close();
    this.#file ??= openFile(this.#folder, path);
    return this.#file;
  }
}

function openFile(folder: string, path: string): OpenFile {
  // What callers said is in there: not for others on this machine.
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    database.exec(schema);
    return {
      database,
      inode: statSync(path).ino,
      save: database.prepare(`
        INSERT INTO calls (id, created_at, version, call) VALUES (?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at, version = excluded.version, call = excluded.call
        WHERE excluded.version > calls.version
          AND (calls.call ->> '$.phase' <> 'ended' OR excluded.call ->> '$.phase' = 'ended')`),
      insert: database.prepare('INSERT OR IGNORE INTO calls (id, created_at, version, call) VALUES (?, ?, ?, ?)'),
      update: database.prepare('UPDATE calls SET created_at = ?, version = ?, call = ? WHERE id = ? AND version = ?'),
      find: database.prepare('SELECT call FROM calls WHERE id = ?'),
      list: database.prepare(`
        SELECT call FROM calls WHERE (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?`),
      listUnended: database.prepare(`
        SELECT call FROM calls WHERE call ->> '$.phase' <> 'ended' ORDER BY created_at DESC LIMIT ?`),
      probe: database.prepare('INSERT INTO probe VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET at = excluded.at'),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}
