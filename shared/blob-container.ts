// A container of Azure Blob Storage, by managed identity or by the account's key, and what may be told of its errors.
import { ContainerClient, RestError, StorageSharedKeyCredential } from '@azure/storage-blob';
import { AzureCredential } from './azure-credential.ts';
import { AppError } from './errors.ts';

/** Of one request, which carries a block of a recording at most. */
const requestTimeoutMs = 60_000;
const retryOptions = { maxTries: 3, tryTimeoutInMs: requestTimeoutMs, retryDelayInMs: 500, maxRetryDelayInMs: 4_000 };

export interface ContainerOptions {
  /** https://<account>.blob.core.windows.net/<container> */
  readonly containerUrl: string;
  /** Without it the managed identity is used. */
  readonly key?: string;
}

/** Asks nothing before something is wanted. */
export function createBlobContainer({ containerUrl, key }: ContainerOptions): ContainerClient {
  const credential =
    key === undefined ? new AzureCredential() : new StorageSharedKeyCredential(findAccount(containerUrl), key);
  return new ContainerClient(containerUrl, credential, { retryOptions });
}

/** Rejects with STORE_UNAVAILABLE alone: the service's own words hold addresses. */
export async function askBlobStorage<Value>(request: () => Promise<Value>): Promise<Value> {
  try {
    return await request();
  } catch (cause) {
    throw new AppError('STORE_UNAVAILABLE', { store: 'Blob Storage', problem: describe(cause) }, { cause });
  }
}

export function isBlobMissing(error: unknown): boolean {
  return error instanceof RestError && error.statusCode === 404 && error.code === 'BlobNotFound';
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
