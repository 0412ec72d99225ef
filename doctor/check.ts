// Port: one thing that can be wrong with a deployment, tried for real, and what is found.
import type { Config } from '../shared/config.ts';

export const parts = ['functions', 'bridge'] as const;
export type Part = (typeof parts)[number];

export interface Patient {
  readonly config: Config;
  /** One of the host's own keys, which the functions' web hooks want on Azure; elsewhere it is API_KEY. */
  readonly functionsKey: string | undefined;
}

export type Verdict =
  /** Tried, and it works. */
  | { readonly type: 'ok'; readonly saw: string }
  | { readonly type: 'problem'; readonly saw: string; readonly advice: string }
  /** It works, or could not be tried from here: somebody should look at it. */
  | { readonly type: 'doubt'; readonly saw: string; readonly advice: string }
  /** The settings do not ask for it. */
  | { readonly type: 'absent'; readonly saw: string };

export interface Check {
  readonly name: string;
  /** Which of the two parts depends on it. */
  readonly parts: readonly Part[];
  /** Whatever it throws is a problem too: that nobody answers need not be seen to by each. Leaves nothing open. */
  examine(patient: Patient, signal: AbortSignal): Promise<Verdict>;
}

export const ok = (saw: string): Verdict => ({ type: 'ok', saw });
export const problem = (saw: string, advice: string): Verdict => ({ type: 'problem', saw, advice });
export const doubt = (saw: string, advice: string): Verdict => ({ type: 'doubt', saw, advice });
export const absent = (saw: string): Verdict => ({ type: 'absent', saw });
