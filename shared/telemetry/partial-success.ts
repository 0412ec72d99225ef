// Sends again what the ingestion of Application Insights could not take of a delivery: the exporter would lose it.
import type { PipelinePolicy, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import { z } from 'zod';
import { pause } from '../within.ts';

/** The service is over its quota or has a moment of its own; what is wrong with an item is so for ever. */
const passing: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
const maxTries = 3;
const firstPauseMs = 2_000;
const partialContent = 206;

const answerSchema = z.object({ errors: z.array(z.object({ index: z.int().min(0), statusCode: z.int() })) });

/**
 * The exporter keeps such items on disk, and when it reads them there its serializer throws (1.0.0-beta.45: their time is a text by
 * then). Here they wait in memory, within the delivery that they were in.
 */
export const resendRefused: PipelinePolicy = {
  name: 'resendRefused',
  async sendRequest(request, next) {
    const first = await next(request);
    let answer = first;
    for (let tried = 1; tried <= maxTries && answer.status === partialContent; tried++) {
      const refused = findRefused(request, answer);
      if (refused.length === 0) break;
      await pause(firstPauseMs * 2 ** (tried - 1), request.abortSignal as AbortSignal | undefined);
      request.body = JSON.stringify(refused);
      request.headers.delete('content-length');
      answer = await next(request);
    }
    return answer.status === partialContent ? { ...answer, status: 200 } : answer;
  },
};

function findRefused({ body }: PipelineRequest, { bodyAsText }: PipelineResponse): readonly unknown[] {
  if (typeof body !== 'string') return [];
  const { errors } = answerSchema.parse(JSON.parse(bodyAsText ?? '{"errors":[]}'));
  const items = JSON.parse(body) as readonly unknown[];
  return errors.flatMap(({ index, statusCode }) =>
    passing.has(statusCode) && index < items.length ? [items[index]] : [],
  );
}
