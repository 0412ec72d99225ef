// The calls in an SQLite file: opened when it is first wanted, and again after it was lost. Blocks whoever calls it.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type CallFacets, type CallFilter, type CallStanding, facetNames, foldWords } from './call-query.ts';

/** For a writer in another process: a write takes 0.05 ms, so whoever waits this long waits for somebody who is stuck, and keeps reads waiting. */
const busyTimeoutMs = 250;
const tables = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA secure_delete = ON;
  CREATE TABLE IF NOT EXISTS calls (
    id TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    facets TEXT NOT NULL,
    call TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS probe (id INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;`;
const indexes = `
  CREATE INDEX IF NOT EXISTS calls_by_age ON calls (created_at DESC, id DESC);
  CREATE INDEX IF NOT EXISTS open_calls ON calls (facets ->> '$.standing', created_at DESC)
    WHERE facets ->> '$.standing' <> 'settled';
  CREATE INDEX IF NOT EXISTS calls_by_party ON calls (facets ->> '$.remoteParty', created_at DESC, id DESC);`;

/** `call` is the state of the call as JSON. */
export interface CallRow {
  readonly id: string;
  readonly createdAt: number;
  readonly version: number;
  readonly facets: CallFacets;
  readonly call: string;
}

/** The last call of the page before. */
export interface ListedAfter {
  readonly createdAt: number;
  readonly id: string;
}

interface OpenFile {
  readonly database: DatabaseSync;
  /** Of the file, to know it from another of the same name. */
  readonly inode: number;
  readonly save: StatementSync;
  readonly insert: StatementSync;
  readonly update: StatementSync;
  readonly find: StatementSync;
  readonly listStanding: StatementSync;
  readonly remove: StatementSync;
  readonly removeOlder: StatementSync;
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
  save({ id, createdAt, version, facets, call }: CallRow): boolean {
    return this.#open().save.run(id, createdAt, version, JSON.stringify(facets), call).changes === 1;
  }

  /** Keeps it only where what is there has version `over`, or is not there and `over` is 0. */
  saveOver(over: number, { id, createdAt, version, facets, call }: CallRow): boolean {
    const { insert, update } = this.#open();
    const found = JSON.stringify(facets);
    const statement =
      over === 0
        ? insert.run(id, createdAt, version, found, call)
        : update.run(createdAt, version, found, call, id, over);
    return statement.changes === 1;
  }

  find(id: string): string | undefined {
    const row = this.#open().find.get(id);
    return row && String(row.call);
  }

  /** Those after the given one, newest first. */
  list(after: ListedAfter, filter: CallFilter, limit: number): readonly string[] {
    const { where, values } = formatFilter(filter);
    const statement = this.#open().database.prepare(`
      SELECT call FROM calls WHERE (created_at, id) < (?, ?) ${where} ORDER BY created_at DESC, id DESC LIMIT ?`);
    return statement.all(after.createdAt, after.id, ...values, limit).map(({ call }) => String(call));
  }

  /** Newest first. */
  listStanding(standing: CallStanding, limit: number): readonly string[] {
    return this.#open()
      .listStanding.all(standing, limit)
      .map(({ call }) => String(call));
  }

  remove(id: string): void {
    this.#open().remove.run(id);
  }

  removeOlder(createdBefore: number): number {
    return Number(this.#open().removeOlder.run(createdBefore).changes);
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

function formatFilter(filter: CallFilter): { where: string; values: readonly (string | number)[] } {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const add = (condition: string, value: string | number | undefined) => {
    if (value === undefined) return;
    conditions.push(`AND ${condition}`);
    values.push(value);
  };
  add('created_at >= ?', filter.from);
  add('created_at < ?', filter.to);
  for (const name of facetNames) add(`facets ->> '$.${name}' = ?`, filter[name]);
  add(`instr(facets ->> '$.words', ?) > 0`, filter.text === undefined ? undefined : foldWords([filter.text]));
  return { where: conditions.join(' '), values };
}

function openFile(folder: string, path: string): OpenFile {
  // What callers said is in there: not for others on this machine.
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    database.exec(tables);
    const columns = database.prepare('SELECT name FROM pragma_table_info(?)').all('calls');
    // Of a file that an earlier version made: its calls are listed, and not found by what they are about.
    if (!columns.some(({ name }) => name === 'facets'))
      database.exec(`ALTER TABLE calls ADD COLUMN facets TEXT NOT NULL DEFAULT '{}'`);
    database.exec(indexes);
    const row = '(id, created_at, version, facets, call)';
    return {
      database,
      inode: statSync(path).ino,
      save: database.prepare(`
        INSERT INTO calls ${row} VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at, version = excluded.version,
          facets = excluded.facets, call = excluded.call
        WHERE excluded.version > calls.version
          AND (calls.facets ->> '$.phase' <> 'ended' OR excluded.facets ->> '$.phase' = 'ended')`),
      insert: database.prepare(`INSERT OR IGNORE INTO calls ${row} VALUES (?, ?, ?, ?, ?)`),
      update: database.prepare(
        'UPDATE calls SET created_at = ?, version = ?, facets = ?, call = ? WHERE id = ? AND version = ?',
      ),
      find: database.prepare('SELECT call FROM calls WHERE id = ?'),
      listStanding: database.prepare(`
        SELECT call FROM calls WHERE facets ->> '$.standing' = ? AND facets ->> '$.standing' <> 'settled'
        ORDER BY created_at DESC LIMIT ?`),
      remove: database.prepare('DELETE FROM calls WHERE id = ?'),
      removeOlder: database.prepare('DELETE FROM calls WHERE created_at < ?'),
      probe: database.prepare('INSERT INTO probe VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET at = excluded.at'),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}
