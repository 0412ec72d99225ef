// Tries a container of Blob Storage for real: what is written there can be read, and removed.
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { askBlobStorage, type ContainerOptions, createBlobContainer } from '../shared/blob-container.ts';
import { ok, problem, type Verdict } from './check.ts';
import { judgeStore } from './store-failure.ts';

const content = 'The doctor was here.';

/** `setting`: what the container's address is called; its key is called alike. */
export async function tryContainer(
  options: ContainerOptions,
  setting: 'RECORDINGS' | 'DEAD_LETTERS',
  abortSignal: AbortSignal,
): Promise<Verdict> {
  const blob = createBlobContainer(options).getBlockBlobClient(`DOCTOR/${randomUUID()}.txt`);
  try {
    const read = await askBlobStorage(async () => {
      await blob.upload(content, content.length, { abortSignal });
      try {
        const { readableStreamBody } = await blob.download(0, undefined, { abortSignal });
        return await text(readableStreamBody as Readable);
      } finally {
        await blob.delete({ abortSignal });
      }
    });
    if (read === content) return ok('Blob Storage takes a file, gives it out and removes it');
    return problem('what is read is not what was written', `Look at what answers at ${setting}_URL.`);
  } catch (error) {
    return judgeStore(error, [
      [/ContainerNotFound/, `There is no such container: make it, or correct ${setting}_URL. infra/ makes it.`],
      [
        /AuthenticationFailed|InvalidAuthenticationInfo/,
        options.key === undefined
          ? 'Sign in with `az login`, or give the app a managed identity of the same tenant.'
          : `Copy ${setting}_KEY anew, or leave it out where the account takes identities only (infra/ makes it so).`,
      ],
      [
        /we may not/,
        options.key === undefined
          ? 'Give the identity the role Storage Blob Data Contributor on the container, and let this address through the account’s networking.'
          : `Copy ${setting}_KEY anew, or leave it out where the account takes identities only (infra/ makes it so).`,
      ],
      [/ENOTFOUND|ECONNREFUSED/, `Nobody is at that address: correct ${setting}_URL.`],
    ]);
  }
}
