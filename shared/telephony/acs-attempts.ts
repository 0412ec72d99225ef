// What the SDK forgets when it tries again: whether a request may have reached ACS before its last attempt failed.
import { type PipelinePolicy, type PipelineRequest, RestError } from '@azure/core-rest-pipeline';

/** Of the socket: nothing has reached ACS. */
const unreachableCodes: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH']);

const mayBeDone = new WeakSet<PipelineRequest>();

/** By its status; undefined: there was no answer. */
export function leavesOpen(status: number | undefined, code: string | undefined): boolean {
  if (status === undefined) return code === undefined || !unreachableCodes.has(code);
  return status === 408 || status >= 500;
}

/** Of each attempt, and not of a request as a whole. */
export const rememberAttempts: PipelinePolicy = {
  name: 'rememberAttempts',
  async sendRequest(request, next) {
    try {
      const response = await next(request);
      if (leavesOpen(response.status, undefined)) mayBeDone.add(request);
      return response;
    } catch (error) {
      if (leavesOpen(undefined, error instanceof RestError ? error.code : undefined)) mayBeDone.add(request);
      throw error;
    }
  },
};

/** Of any of its attempts. */
export function mayHaveBeenDone(error: Error): boolean {
  return error instanceof RestError && error.request !== undefined && mayBeDone.has(error.request);
}
