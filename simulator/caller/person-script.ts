// What a scripted person does in a call, step by step, and what is known of the call afterwards.

export type PersonStep =
  /** Heard the agent speak, then 700 ms of silence if nothing else is wanted. */
  | { readonly wait: 'agent-finished'; readonly maxMs?: number }
  | { readonly wait: 'agent-speaking'; readonly maxMs?: number }
  | { readonly say: string }
  /** Speaks over the agent, once it has been speaking for so long. */
  | { readonly afterAgentSpokeMs: number; readonly say: string; readonly maxMs?: number }
  | { readonly press: string }
  | { readonly pauseMs: number }
  | { readonly hangUp: true }
  /** The other side has to end the call. */
  | { readonly wait: 'line-closed'; readonly maxMs?: number };

export type PersonEvent =
  | { readonly type: 'agent-started' | 'agent-finished'; readonly atMs: number }
  | { readonly type: 'started-saying' | 'finished-saying'; readonly atMs: number; readonly text: string }
  | { readonly type: 'pressed'; readonly atMs: number; readonly keys: string }
  | { readonly type: 'hung-up' | 'line-closed'; readonly atMs: number };

export interface SaidLine {
  readonly text: string;
  readonly startedMs: number;
  readonly finishedMs: number;
  /** From the end of the line to the first sound of the agent's next speech. */
  readonly answeredAfterMs: number | undefined;
  /** Only if the agent was speaking when the line began: until its last sound. */
  readonly agentStoppedAfterMs: number | undefined;
}

export interface PersonReport {
  /** `finished`: every step was done. */
  readonly outcome: 'finished' | 'timed-out' | 'cut-off';
  /** Why it did not finish: what the caller did, and in which step. */
  readonly reason: string | undefined;
  /** Where it did not go on; the number of steps after the last one. */
  readonly failedStep: number | undefined;
  readonly timeline: readonly PersonEvent[];
  readonly lines: readonly SaidLine[];
  /** Both at 16 kHz, from the moment the line was through. */
  readonly heard: Int16Array;
  readonly said: Int16Array;
}

const waitingFor = {
  'agent-finished': 'waiting for the agent to speak and finish',
  'agent-speaking': 'waiting for the agent to speak',
  'line-closed': 'waiting for the agent to end the call',
} as const;

/** What a person is doing in this step; after the last one the other side is to hang up. */
export function describeStep(step: PersonStep | undefined): string {
  if (!step) return 'waiting for the agent to end the call after the last step';
  if ('afterAgentSpokeMs' in step) return `interrupting the agent with "${step.say}"`;
  if ('say' in step) return `saying "${step.say}"`;
  if ('press' in step) return `pressing ${step.press}`;
  if ('pauseMs' in step) return `being silent for ${step.pauseMs} ms`;
  if ('hangUp' in step) return 'hanging up';
  return waitingFor[step.wait];
}
