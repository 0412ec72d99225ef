// What is remembered of callers in an SQLite file. Blocks whoever calls it, and throws what SQLite says.
import type { DatabaseSync } from 'node:sqlite';
import type { SqliteFile } from './sqlite-file.ts';

/** `kind` and `caller`: what it is, and whom it is about; the rest is JSON. */
export interface CallerRow {
  readonly kind: 'visit' | 'open-request' | 'done-request';
  readonly caller: string;
  readonly id: string;
  readonly at: number;
  readonly expiresAt: number;
  readonly data: string;
}

export const callersTable = `
  CREATE TABLE IF NOT EXISTS callers (
    caller TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (caller, id)
  ) STRICT, WITHOUT ROWID;`;

export class SqliteCallers {
  readonly #file: SqliteFile;

  constructor(file: SqliteFile) {
    this.#file = file;
  }

  put({ kind, caller, id, at, expiresAt, data }: CallerRow): void {
    this.#open()
      .prepare('INSERT OR REPLACE INTO callers (caller, id, kind, at, expires_at, data) VALUES (?, ?, ?, ?, ?, ?)')
      .run(caller, id, kind, at, expiresAt, data);
  }

  find(caller: string, id: string): string | undefined {
    const row = this.#open()
      .prepare('SELECT data FROM callers WHERE caller = ? AND id = ? AND expires_at > ?')
      .get(caller, id, Date.now());
    return row && String(row.data);
  }

  /** Newest first. */
  list(caller: string, kind: CallerRow['kind'], limit: number): readonly string[] {
    return this.#open()
      .prepare('SELECT data FROM callers WHERE caller = ? AND kind = ? AND expires_at > ? ORDER BY at DESC LIMIT ?')
      .all(caller, kind, Date.now(), limit)
      .map(({ data }) => String(data));
  }

  remove(caller: string): number {
    return Number(this.#open().prepare('DELETE FROM callers WHERE caller = ?').run(caller).changes);
  }

  removeExpired(): number {
    return Number(this.#open().prepare('DELETE FROM callers WHERE expires_at <= ?').run(Date.now()).changes);
  }

  #open(): DatabaseSync {
    return this.#file.open();
  }
}
