// What is done about a caller who says nothing: asks again, and again, says goodbye, and hangs up. Pure.

/** Counted from where the caller has heard the agent's last word. */
export interface SilenceRules {
  readonly afterMs: number;
  /** How often the caller is asked whether they are there. */
  readonly reprompts: number;
}

export interface SilenceState {
  /** Since when nothing sounds and nobody is waited for but the caller; undefined while something else goes on. */
  readonly silentSinceMs: number | undefined;
  readonly reprompts: number;
}

export type SilenceInput =
  /** The line is quiet, all that the agent said was heard, and it owes nothing. */
  | { readonly type: 'quiet' }
  /** The agent speaks or is about to, a tool runs, the caller is on hold. */
  | { readonly type: 'busy' }
  /** The caller spoke or pressed a key. */
  | { readonly type: 'caller-acted' };

export type SilenceAction = 'reprompt' | 'goodbye';

export const noSilence: SilenceState = Object.freeze({ silentSinceMs: undefined, reprompts: 0 });

/** Total: any input in any state. */
export function stepSilence(
  state: SilenceState,
  input: SilenceInput,
  nowMs: number,
  { afterMs, reprompts }: SilenceRules,
): { readonly state: SilenceState; readonly action?: SilenceAction } {
  switch (input.type) {
    case 'caller-acted':
      return { state: noSilence };
    case 'busy':
      return { state: { ...state, silentSinceMs: undefined } };
    case 'quiet': {
      const silentSinceMs = state.silentSinceMs ?? nowMs;
      if (nowMs - silentSinceMs < afterMs) return { state: { ...state, silentSinceMs } };
      if (state.reprompts >= reprompts) return { state: noSilence, action: 'goodbye' };
      return { state: { silentSinceMs: undefined, reprompts: state.reprompts + 1 }, action: 'reprompt' };
    }
    default:
      return input satisfies never;
  }
}
