// Tools: find jobs by what somebody looks for, and read one of them.
import { z } from 'zod';
import type { AgentProfile } from '../agents/agent.ts';
import type { LookUpCache } from './look-up-cache.ts';
import type { JobIndex } from './services/job-index.ts';
import { defineTool, type Tool } from './tool.ts';

export interface JobSource {
  readonly index: Pick<JobIndex, 'search' | 'find'>;
  readonly cache: LookUpCache;
}

const minuteMs = 60_000;
const times = { freshMs: 5 * minuteMs, absentMs: minuteMs, staleMs: 24 * 60 * minuteMs };
const advice = 'Do not make up any.';

export function createSearchJobs({ tool_settings }: AgentProfile, { index, cache }: JobSource): Tool {
  const { results: count } = tool_settings.search_jobs;
  return defineTool({
    name: 'search_jobs',
    description: 'Searches the open jobs. Tell of one or two of them in short sentences; offer more.',
    input: z.object({
      query: z
        .string()
        .trim()
        .min(1)
        .max(300)
        .describe('What is looked for, in a few words: kind of work, skills, place, company.'),
    }),
    async run({ query }, { signal }) {
      const load = async (signal: AbortSignal) => {
        const jobs = await index.search(query, count, signal);
        return jobs.length === 0 ? undefined : jobs;
      };
      const parts = [query.toLowerCase(), count];
      const jobs = await cache.get({ source: 'search-jobs', parts, ...times, load }, signal);
      return jobs ? { jobs } : { jobs: [], advice: `There are none. ${advice}` };
    },
  });
}

export function createLookUpJob({ index, cache }: JobSource): Tool {
  return defineTool({
    name: 'look_up_job',
    description: 'Reads all that is known of one job, by its id, to answer questions about it.',
    input: z.object({
      job_id: z
        .string()
        .regex(/^[A-Za-z0-9_=-]{1,128}$/, 'must be the id of a job: letters, digits, dashes')
        .describe('As it stands in what you know or found.'),
    }),
    async run({ job_id }, { signal }) {
      const load = (signal: AbortSignal) => index.find(job_id, signal);
      const job = await cache.get({ source: 'look-up-job', parts: [job_id], ...times, load }, signal);
      return job ? { job } : { found: false, advice: `There is no such job. ${advice}` };
    },
  });
}
