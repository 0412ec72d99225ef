// What the callers of the demo do: each a script for a person on the phone.
import type { PersonStep } from '../caller/person-script.ts';

export interface DemoScenario {
  readonly title: string;
  readonly script: readonly PersonStep[];
}

const greeted: PersonStep = { wait: 'agent-finished' };
const answered: PersonStep = { wait: 'agent-finished' };
const farewell: readonly PersonStep[] = [{ say: 'Goodbye.' }, { wait: 'line-closed' }];

export const demoScenarios: Readonly<Record<string, DemoScenario>> = {
  tour: {
    title: 'asks, interrupts the answer, leaves a note and says goodbye',
    script: [
      greeted,
      { say: 'What are your opening hours?' },
      answered,
      { say: 'Please tell me about your company.' },
      { afterAgentSpokeMs: 2500, say: 'Stop, please.' },
      answered,
      { say: 'Please call me back.' },
      answered,
      ...farewell,
    ],
  },
  question: {
    title: 'asks one question and says goodbye',
    script: [greeted, { say: 'What are your opening hours?' }, answered, ...farewell],
  },
  interruption: {
    title: 'cuts a long answer short',
    script: [
      greeted,
      { say: 'Please tell me about your company.' },
      { afterAgentSpokeMs: 1500, say: 'Stop, please.' },
      answered,
      ...farewell,
    ],
  },
  tool: {
    title: 'asks for the time, which the agent has to look up',
    script: [greeted, { say: 'What time is it?' }, answered, ...farewell],
  },
  'hang-up': {
    title: 'hangs up in the middle of an answer',
    script: [
      greeted,
      { say: 'Please tell me about your company.' },
      { wait: 'agent-speaking' },
      { pauseMs: 1500 },
      { hangUp: true },
    ],
  },
};
