// Tool: what is known of earlier calls with the person on the phone. It takes no number: nobody can ask for somebody else.
import { z } from 'zod';
import type { CallState } from '../call/call-state.ts';
import type { CallHistory } from '../stores/call-history.ts';
import { formatLocalTime } from './local-time.ts';
import { defineTool, type Tool, ToolRefusal } from './tool.ts';

/** One of these is the call itself. */
const mostCalls = 6;

/** Withheld numbers are everybody's. */
const withheld = new Set([
  'unknown',
  'anonymous',
  'restricted',
  'unavailable',
  '+266696687',
  '+86282452253',
  '+7378742833',
]);

export function createLookUpCaller(history: Pick<CallHistory, 'list'>): Tool {
  return defineTool({
    name: 'look_up_caller',
    description:
      'Tells of earlier calls with this caller: when, what about, which notes were taken. Whoever rings from the same phone may be somebody else: make sure of the name before you tell anything of it.',
    input: z.object({}),
    async run(_, { call, agent }) {
      const { remoteParty } = call;
      if (remoteParty === undefined || withheld.has(remoteParty.toLowerCase()))
        throw new ToolRefusal('The number of this call is not known.');
      const { calls } = await history.list({ remoteParty, limit: mostCalls });
      const earlier = calls.filter(({ callId, remoteParty: other }) => callId !== call.callId && other === remoteParty);
      return { calls: earlier.slice(0, mostCalls - 1).map((past) => formatPast(past, agent.time_zone)) };
    },
  });
}

function formatPast(past: CallState, timeZone: string): object {
  const { createdAt, notes, outcome, answers, callback, endReason } = past;
  return {
    ...(createdAt !== undefined && { at: formatLocalTime(createdAt, timeZone) }),
    ended: endReason,
    summary: outcome?.result?.summary.value ?? undefined,
    next_action: outcome?.result?.nextAction.value ?? undefined,
    ...(notes.length > 0 && { notes }),
    ...(answers && {
      answers: Object.fromEntries(Object.entries(answers).map(([name, { answer }]) => [name, answer])),
    }),
    ...(callback && { callback_agreed: formatLocalTime(callback.dueAt, timeZone) }),
  };
}
