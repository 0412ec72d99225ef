// What the SDK forgets when it tries again: whether a request may have reached ACS before its last attempt failed.
import { type PipelinePolicy, type PipelineRequest, RestError } from '@azure/core-rest-pipeline';
import { mayBeDone } from './request-fate.ts';

const leftOpen = new WeakSet<PipelineRequest>();

/** Of each attempt, and not of a request as a whole. */
export const rememberAttempts: PipelinePolicy = {
  name: 'rememberAttempts',
  async sendRequest(request, next) {
    try {
      const response = await next(request);
      if (mayBeDone(response.status, undefined)) leftOpen.add(request);
      return response;
    } catch (error) {
      if (mayBeDone(undefined, error instanceof RestError ? error.code : undefined)) leftOpen.add(request);
      throw error;
    }
  },
};

/** Of any of its attempts. */
export function mayHaveBeenDone(error: Error): boolean {
  return error instanceof RestError && error.request !== undefined && leftOpen.has(error.request);
}
