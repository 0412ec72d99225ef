// Dead letters of Event Grid in a container of Azure Blob Storage.
import type { Readable } from 'node:stream';
import type { ContainerClient } from '@azure/storage-blob';
import {
  askBlobStorage,
  type ContainerOptions,
  createBlobContainer,
  isBlobMissing,
} from '../../shared/blob-container.ts';
import type { DeadLetters } from './dead-letters.ts';

/** The name of the subscription, in upper case: Event Grid names the blobs `<folder>/<year>/<month>/<day>/<hour>/<id>.json`. */
const folder = 'RECORDING-FILES';
const dayMs = 86_400_000;
/** A batch of Event Grid has a megabyte at most. */
const maxBytes = 2 * 1024 * 1024;
const timeoutMs = 20_000;

export class BlobDeadLetters implements DeadLetters {
  readonly #container: ContainerClient;

  constructor(options: ContainerOptions) {
    this.#container = createBlobContainer(options);
  }

  async list(since: number, most: number): Promise<readonly string[]> {
    return askBlobStorage(async () => {
      const names: string[] = [];
      const abortSignal = AbortSignal.timeout(timeoutMs);
      for (const prefix of listDays(since, Date.now()))
        for await (const { name } of this.#container.listBlobsFlat({ prefix, abortSignal }))
          if (names.push(name) >= most) return names;
      return names;
    });
  }

  async read(name: string): Promise<readonly unknown[]> {
    const text = await askBlobStorage(() => this.#download(name));
    if (text === undefined) return [];
    try {
      return [JSON.parse(text)].flat();
    } catch {
      return [text];
    }
  }

  async remove(name: string): Promise<void> {
    const abortSignal = AbortSignal.timeout(timeoutMs);
    await askBlobStorage(() => this.#container.getBlobClient(name).deleteIfExists({ abortSignal }));
  }

  async #download(name: string): Promise<string | undefined> {
    try {
      const abortSignal = AbortSignal.timeout(timeoutMs);
      // What is longer ends in the middle, and is no JSON then.
      const { readableStreamBody } = await this.#container.getBlobClient(name).download(0, maxBytes, { abortSignal });
      const parts: Buffer[] = [];
      for await (const part of readableStreamBody as Readable) parts.push(part as Buffer);
      return Buffer.concat(parts).toString();
    } catch (error) {
      if (isBlobMissing(error)) return undefined;
      throw error;
    }
  }
}

/** In UTC, and without leading zeros. */
function listDays(from: number, to: number): string[] {
  const days = Math.floor(to / dayMs) - Math.floor(from / dayMs);
  return Array.from({ length: days + 1 }, (_, i) => {
    const day = new Date(from + i * dayMs);
    return `${folder}/${day.getUTCFullYear()}/${day.getUTCMonth() + 1}/${day.getUTCDate()}/`;
  });
}
