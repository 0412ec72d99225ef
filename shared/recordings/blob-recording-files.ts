// Recordings in a container of Azure Blob Storage, by managed identity, or by the account's key.
import type { Readable } from 'node:stream';
import {
  ContainerClient,
  RestError,
  type StoragePipelineOptions,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { AzureCredential } from '../azure-credential.ts';
import type { CallId } from '../call/call.ts';
import { AppError } from '../errors.ts';
import type { ByteRange, OpenFile, RecordingFiles } from './recording-files.ts';

/** A recording of an hour, unmixed at 16 kHz and 16 bits, has 230 MB: it goes through, and is never held whole. */
const blockBytes = 4 * 1024 * 1024;
const parallelBlocks = 2;
/** Of one request, which carries a block at most. */
const requestTimeoutMs = 60_000;
const retryOptions = { maxTries: 3, tryTimeoutInMs: requestTimeoutMs, retryDelayInMs: 500, maxRetryDelayInMs: 4_000 };

export interface BlobOptions {
  /** https://<account>.blob.core.windows.net/<container> */
  readonly containerUrl: string;
  /** Without it the managed identity is used. */
  readonly key?: string;
}

export class BlobRecordingFiles implements RecordingFiles {
  readonly #container: ContainerClient;

  /** Asks nothing before something is wanted. */
  constructor({ containerUrl, key }: BlobOptions) {
    const credential =
      key === undefined ? new AzureCredential() : new StorageSharedKeyCredential(findAccount(containerUrl), key);
    const options: StoragePipelineOptions = { retryOptions };
    this.#container = new ContainerClient(containerUrl, credential, options);
  }

  async save(name: string, content: Readable): Promise<number> {
    const blob = this.#container.getBlockBlobClient(name);
    const blobContentType = name.endsWith('.json') ? 'application/json' : 'audio/wav';
    return this.#run(async () => {
      // Blocks that are never committed are no blob, and go by themselves after a week.
      await blob.uploadStream(content, blockBytes, parallelBlocks, { blobHTTPHeaders: { blobContentType } });
      return (await blob.getProperties()).contentLength ?? 0;
    });
  }

  async open(name: string, range?: ByteRange): Promise<OpenFile | undefined> {
    const blob = this.#container.getBlobClient(name);
    return this.#run(async () => {
      try {
        const count = range && range.end - range.start + 1;
        const { readableStreamBody, contentRange, contentLength = 0 } = await blob.download(range?.start ?? 0, count);
        if (!readableStreamBody) throw new Error('there is no body');
        const total = /\/(\d+)$/.exec(contentRange ?? '')?.[1];
        return { content: readableStreamBody as Readable, bytes: total === undefined ? contentLength : Number(total) };
      } catch (error) {
        if (error instanceof RestError && error.statusCode === 404 && error.code === 'BlobNotFound') return undefined;
        throw error;
      }
    });
  }

  async remove(callId: CallId): Promise<number> {
    return this.#run(async () => {
      let removed = 0;
      for await (const { name } of this.#container.listBlobsFlat({ prefix: `${callId}/` }))
        if ((await this.#container.getBlobClient(name).deleteIfExists({ deleteSnapshots: 'include' })).succeeded)
          removed++;
      return removed;
    });
  }

  /** The service's own words hold addresses. */
  async #run<Value>(request: () => Promise<Value>): Promise<Value> {
    try {
      return await request();
    } catch (cause) {
      throw new AppError('STORE_UNAVAILABLE', { store: 'Blob Storage', problem: describe(cause) }, { cause });
    }
  }
}

function describe(cause: unknown): string {
  if (!(cause instanceof RestError))
    return cause instanceof Error && cause.name === 'AbortError' ? 'no answer' : 'it failed';
  const code = cause.code ?? cause.statusCode ?? 'no code';
  return cause.statusCode === 403
    ? `we may not (${code}): the identity needs Storage Blob Data Contributor`
    : `${code}`;
}

/** An emulator has the account in its path. */
function findAccount(containerUrl: string): string {
  const { hostname, pathname } = new URL(containerUrl);
  return hostname.endsWith('.windows.net') ? hostname.split('.')[0]! : pathname.split('/')[1]!;
}
