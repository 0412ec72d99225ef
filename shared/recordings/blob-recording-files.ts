// Recordings in a container of Azure Blob Storage.
import type { Readable } from 'node:stream';
import type { ContainerClient } from '@azure/storage-blob';
import { askBlobStorage, type ContainerOptions, createBlobContainer, isBlobMissing } from '../blob-container.ts';
import type { CallId } from '../call/call.ts';
import type { ByteRange, OpenFile, RecordingFiles } from './recording-files.ts';

/** A recording of an hour, unmixed at 16 kHz and 16 bits, has 230 MB: it goes through, and is never held whole. */
const blockBytes = 4 * 1024 * 1024;
const parallelBlocks = 2;

export class BlobRecordingFiles implements RecordingFiles {
  readonly #container: ContainerClient;

  /** Asks nothing before something is wanted. */
  constructor(options: ContainerOptions) {
    this.#container = createBlobContainer(options);
  }

  async save(name: string, content: Readable): Promise<number> {
    const blob = this.#container.getBlockBlobClient(name);
    const blobContentType = name.endsWith('.json') ? 'application/json' : 'audio/wav';
    return askBlobStorage(async () => {
      // Blocks that are never committed are no blob, and go by themselves after a week.
      await blob.uploadStream(content, blockBytes, parallelBlocks, { blobHTTPHeaders: { blobContentType } });
      return (await blob.getProperties()).contentLength ?? 0;
    });
  }

  async open(name: string, range?: ByteRange): Promise<OpenFile | undefined> {
    const blob = this.#container.getBlobClient(name);
    return askBlobStorage(async () => {
      try {
        const count = range && range.end - range.start + 1;
        const { readableStreamBody, contentRange, contentLength = 0 } = await blob.download(range?.start ?? 0, count);
        if (!readableStreamBody) throw new Error('there is no body');
        const total = /\/(\d+)$/.exec(contentRange ?? '')?.[1];
        return { content: readableStreamBody as Readable, bytes: total === undefined ? contentLength : Number(total) };
      } catch (error) {
        if (isBlobMissing(error)) return undefined;
        throw error;
      }
    });
  }

  async remove(callId: CallId): Promise<number> {
    return askBlobStorage(async () => {
      let removed = 0;
      for await (const { name } of this.#container.listBlobsFlat({ prefix: `${callId}/` }))
        if ((await this.#container.getBlobClient(name).deleteIfExists({ deleteSnapshots: 'include' })).succeeded)
          removed++;
      return removed;
    });
  }
}
