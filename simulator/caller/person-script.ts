// What a scripted person does in a call, step by step, and what is known of the call afterwards.

export type PersonStep =
  /** Heard the agent speak, then 700 ms of silence. */
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
  /** Why it did not finish, naming the step. */
  readonly reason: string | undefined;
  readonly timeline: readonly PersonEvent[];
  readonly lines: readonly SaidLine[];
  /** Both at 16 kHz, from the moment the line was through. */
  readonly heard: Int16Array;
  readonly said: Int16Array;
}
