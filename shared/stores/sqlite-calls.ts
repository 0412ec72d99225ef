// The calls in an SQLite file. Blocks whoever calls it, and throws what SQLite or the file system says.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type CallOrder, type CallSort, missingKey } from './call-order.ts';
import { type CallFacets, type CallFilter, type CallStanding, facetNames, foldWords } from './call-query.ts';
import type { HistoryCursor } from './history-cursor.ts';
import type { SqliteFile } from './sqlite-file.ts';

const tables = `
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
  CREATE INDEX IF NOT EXISTS recordings ON calls (facets ->> '$.recordingUntil')
    WHERE facets ->> '$.recordingUntil' IS NOT NULL;
  CREATE INDEX IF NOT EXISTS calls_by_party ON calls (facets ->> '$.remoteParty', created_at DESC, id DESC);`;

/** `call` is the state of the call as JSON. */
export interface CallRow {
  readonly id: string;
  readonly createdAt: number;
  readonly version: number;
  readonly facets: CallFacets;
  readonly call: string;
}

export interface ListedPage {
  readonly order: CallOrder;
  readonly after: HistoryCursor | undefined;
  readonly filter: CallFilter;
  readonly limit: number;
}

interface Statements {
  readonly database: DatabaseSync;
  readonly save: StatementSync;
  readonly insert: StatementSync;
  readonly update: StatementSync;
  readonly find: StatementSync;
  readonly listStanding: StatementSync;
  readonly listOldRecordings: StatementSync;
  readonly remove: StatementSync;
  readonly removeOlder: StatementSync;
  readonly probe: StatementSync;
}

export class SqliteCalls {
  readonly #file: SqliteFile;
  #statements: Statements | undefined;

  constructor(file: SqliteFile) {
    this.#file = file;
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

  /** Those after the last one of the page before. */
  list({ order, after, filter, limit }: ListedPage): readonly string[] {
    const { where, values } = formatFilter(filter);
    const key = formatKey(order.by);
    const [way, beyond] = order.isUp ? ['ASC', '>'] : ['DESC', '<'];
    const place = after ? `(${key}, id) ${beyond} (?, ?)` : 'TRUE';
    const statement = this.#open().database.prepare(`
      SELECT call FROM calls WHERE ${place} ${where} ORDER BY ${key} ${way}, id ${way} LIMIT ?`);
    const from = after ? [after.key, after.callId] : [];
    return statement.all(...from, ...values, limit).map(({ call }) => String(call));
  }

  /** Newest first. */
  listStanding(standing: CallStanding, limit: number): readonly string[] {
    return this.#open()
      .listStanding.all(standing, limit)
      .map(({ call }) => String(call));
  }

  listOldRecordings(limit: number): readonly string[] {
    return this.#open()
      .listOldRecordings.all(Date.now(), limit)
      .map(({ id }) => String(id));
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

  #open(): Statements {
    const database = this.#file.open();
    if (this.#statements?.database !== database) this.#statements = prepareStatements(database);
    return this.#statements;
  }
}

/** Also of a file that an earlier version made: its calls are listed, and not found by what they are about. */
export function makeCallTables(database: DatabaseSync): void {
  database.exec(tables);
  const columns = database.prepare('SELECT name FROM pragma_table_info(?)').all('calls');
  if (!columns.some(({ name }) => name === 'facets'))
    database.exec(`ALTER TABLE calls ADD COLUMN facets TEXT NOT NULL DEFAULT '{}'`);
  database.exec(indexes);
}

/** One of few names: none of it comes from outside. */
function formatKey(by: CallSort): string {
  if (by === 'createdAt') return 'created_at';
  return `COALESCE(facets ->> '$.keys.${by}', ${by === 'lengthMs' ? missingKey(by) : `'${missingKey(by)}'`})`;
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

function prepareStatements(database: DatabaseSync): Statements {
  const row = '(id, created_at, version, facets, call)';
  return {
    database,
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
    listOldRecordings: database.prepare(`SELECT id FROM calls WHERE facets ->> '$.recordingUntil' < ? LIMIT ?`),
    remove: database.prepare('DELETE FROM calls WHERE id = ?'),
    removeOlder: database.prepare('DELETE FROM calls WHERE created_at < ?'),
    probe: database.prepare('INSERT INTO probe VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET at = excluded.at'),
  };
}
