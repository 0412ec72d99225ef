// Tools of agents whose calls are recorded: the caller's yes or no, and a pause while something is said that nobody may hear later.
import { z } from 'zod';
import type { AgentProfile } from '../../../shared/agents/agent.ts';
import type { CallState } from '../../../shared/call/call-state.ts';
import { defineTool, type Tool, ToolRefusal } from '../../../shared/tools/tool.ts';
import type { CallRecorder } from './call-recorder.ts';
import { findConsentWords, hasHeard } from './consent-words.ts';

export function createRecordingTools(agent: AgentProfile, recorder: Pick<CallRecorder, 'hold'>): readonly Tool[] {
  if (!agent.recording.enabled) return [];
  const pauseRecording = defineTool({
    name: 'pause_recording',
    description:
      'Pauses the recording of the call, or goes on with it. Pause before you ask for a card number, a password or a code, and go on when you have it.',
    input: z.object({ paused: z.boolean().describe('True to pause, false to go on.') }),
    async run({ paused }) {
      await recorder.hold(paused);
      return { recording: paused ? 'paused' : 'goes on' };
    },
  });
  if (agent.recording.consent !== 'ask') return [pauseRecording];
  const consent = defineTool({
    name: 'answer_recording',
    description:
      'Tells whether the caller agrees that the call is recorded. Call it when the caller has answered that question, and only with what they said.',
    input: z.object({ agreed: z.boolean().describe('True only if the caller clearly said yes.') }),
    run({ agreed }, { call, record }) {
      if (call.recording?.recordingId !== undefined) return { recording: 'goes on' };
      if (!wasAsked(agent, call)) throw new ToolRefusal('The caller has not been asked yet, or has not answered.');
      record({ type: 'recording-consent', given: agreed, how: 'asked' });
      return { recording: agreed ? 'begins' : 'is not made' };
    },
  });
  return [consent, pauseRecording];
}

/** A model must not say yes for the caller: they have heard the question, and have said something since. */
function wasAsked(agent: AgentProfile, { turns }: CallState): boolean {
  const words = findConsentWords(agent);
  const asked = turns.findIndex(({ role, text }) => role === 'agent' && words !== undefined && hasHeard(words, text));
  return asked >= 0 && turns.slice(asked + 1).some(({ role }) => role === 'caller');
}
