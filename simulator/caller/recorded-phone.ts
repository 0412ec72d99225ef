// A caller that is a recording: plays it once, lets the agent answer, and hangs up.
import { createPerson, type Person } from './person.ts';

export interface RecordedPhoneOptions {
  /** At 16 kHz. */
  readonly samples: Int16Array;
  /** True: lets the agent greet first. */
  readonly waitsForGreeting?: boolean;
  readonly maxWaitMs?: number;
}

export function createRecordedPhone(options: RecordedPhoneOptions): Promise<Person> {
  const { samples, waitsForGreeting = false, maxWaitMs: maxMs } = options;
  const agentFinished = { wait: 'agent-finished', maxMs } as const;
  return createPerson({
    script: [...(waitsForGreeting ? [agentFinished] : []), { say: 'the recording' }, agentFinished, { hangUp: true }],
    speak: async () => samples,
  });
}
