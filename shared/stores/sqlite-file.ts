// The SQLite file of the history: opened when it is first wanted, and again after it was lost. Blocks whoever calls it.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** For a writer in another process: a write takes 0.05 ms, so whoever waits this long waits for somebody who is stuck, and keeps reads waiting. */
const busyTimeoutMs = 250;
const pragmas = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA secure_delete = ON;`;

export class SqliteFile {
  readonly #folder: string;
  readonly #prepare: (database: DatabaseSync) => void;
  /** `inode`: of the file, to know it from another of the same name. */
  #opened: { readonly database: DatabaseSync; readonly inode: number } | undefined;

  /** The file is `calls.sqlite` in this folder, which is made if it is not there. `prepare` makes its tables. */
  constructor(folder: string, prepare: (database: DatabaseSync) => void) {
    this.#folder = folder;
    this.#prepare = prepare;
  }

  /** Throws what SQLite or the file system says. Another one after the file was lost. */
  open(): DatabaseSync {
    const path = join(this.#folder, 'calls.sqlite');
    // SQLite would go on in a file that was deleted or replaced, and nobody would ever read that.
    if (this.#opened && this.#opened.inode !== statSync(path, { throwIfNoEntry: false })?.ino) this.close();
    if (this.#opened) return this.#opened.database;
    // What callers said is in there: not for others on this machine.
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
    try {
      database.exec(pragmas);
      this.#prepare(database);
      this.#opened = { database, inode: statSync(path).ino };
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  close(): void {
    this.#opened?.database.close();
    this.#opened = undefined;
  }
}
