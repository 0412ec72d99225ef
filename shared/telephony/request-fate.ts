// What may have become of a request that a carrier did not take in so many words.

/** Of the socket: nothing has reached the carrier. */
const unreachableCodes: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH']);

/** Whether it may have been carried out all the same. `status` is undefined where there was no answer. */
export function mayBeDone(status: number | undefined, code: unknown): boolean {
  return status === undefined ? !unreachableCodes.has(code) : status === 408 || status >= 500;
}
