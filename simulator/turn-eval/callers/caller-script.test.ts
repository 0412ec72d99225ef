// Tests of what a caller does next, as a table.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { decideStep, type Moment } from './caller-script.ts';

const quiet: Moment = {
  agentSpeakingMs: 0,
  agentSilentMs: 5_000,
  callerSilentMs: 5_000,
  isReplyOwed: false,
  isReplyLong: true,
  left: ['backchannel', 'noise in silence'],
  overMs: 2_000,
  pauseMs: 1_200,
};
const talking = { ...quiet, agentSpeakingMs: 3_000, agentSilentMs: 0 };

const cases: readonly (readonly [title: string, moment: Moment, step: unknown])[] = [
  ['nods while the agent speaks', talking, { do: 'event', index: 0 }],
  ['lets it speak for a while', { ...talking, agentSpeakingMs: 1_900 }, { do: 'wait' }],
  ['does nothing near the end of a reply', { ...talking, agentSpeakingMs: 15_000 }, { do: 'wait' }],
  ['rests between two sounds', { ...talking, callerSilentMs: 3_900 }, { do: 'wait' }],
  ['does nothing on a short reply', { ...talking, isReplyLong: false }, { do: 'wait' }],
  ['coughs on no words, if silence is what it takes', { ...talking, left: ['noise in silence'] }, { do: 'wait' }],
  ['coughs in silence', { ...quiet, left: ['noise in silence', 'backchannel'] }, { do: 'event', index: 0 }],
  ['asks for a reply to nod at', quiet, { do: 'ask' }],
  ['coughs in silence when nothing else is left', { ...quiet, left: ['noise in silence'] }, { do: 'event', index: 0 }],
  ['waits after the agent', { ...quiet, agentSilentMs: 1_100 }, { do: 'wait' }],
  ['waits to see whether a cough is answered', { ...quiet, callerSilentMs: 2_700 }, { do: 'wait' }],
  ['waits for an answer', { ...quiet, isReplyOwed: true }, { do: 'wait' }],
  ['asks again when none comes', { ...quiet, isReplyOwed: true, callerSilentMs: 6_000 }, { do: 'ask again' }],
  ['hangs up when all is done', { ...quiet, left: [] }, { do: 'hang up' }],
];
for (const [title, moment, step] of cases) it(title, () => assert.deepEqual(decideStep(moment), step));
