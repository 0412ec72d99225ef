// Recordings in a folder: the default, without any service to set up.
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CallId } from '../call/call.ts';
import { AppError } from '../errors.ts';
import type { ByteRange, OpenFile, RecordingFiles } from './recording-files.ts';

export class FolderRecordingFiles implements RecordingFiles {
  readonly #folder: string;

  /** Made when the first file comes. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async save(name: string, content: Readable): Promise<number> {
    const path = join(this.#folder, name);
    const unfinished = `${path}.${process.pid}.part`;
    return this.#run(async () => {
      // What callers said is in there: not for others on this machine.
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      try {
        await pipeline(content, createWriteStream(unfinished, { mode: 0o600 }));
        await rename(unfinished, path);
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      }
      return (await stat(path)).size;
    });
  }

  async open(name: string, range?: ByteRange): Promise<OpenFile | undefined> {
    const path = join(this.#folder, name);
    return this.#run(async () => {
      const found = await stat(path).catch(unlessMissing);
      return found && { content: createReadStream(path, range), bytes: found.size };
    });
  }

  async remove(callId: CallId): Promise<number> {
    const folder = join(this.#folder, callId);
    return this.#run(async () => {
      const names = (await readdir(folder).catch(unlessMissing)) ?? [];
      await rm(folder, { recursive: true, force: true });
      return names.length;
    });
  }

  /** The file system's own words hold paths. */
  async #run<Value>(work: () => Promise<Value>): Promise<Value> {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      const problem = (cause as NodeJS.ErrnoException).code ?? 'it failed';
      throw new AppError('STORE_UNAVAILABLE', { store: 'the folder of recordings', problem }, { cause });
    }
  }
}

function unlessMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
