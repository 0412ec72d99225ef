// How a caller is handed over to a person, step by step: what happens, and what is to be done about it. Pure.
import { isWorthAnotherNumber, type TransferOutcome } from '../../../shared/call/transfer-outcome.ts';

/** `attempt`: which of the target's numbers, from 0. */
export type TransferState =
  | { readonly phase: 'none' }
  /** A number of the target is rung, in a call of its own. */
  | { readonly phase: 'calling'; readonly attempt: number }
  /** Somebody picked up, and hears what it is about. */
  | { readonly phase: 'briefing'; readonly attempt: number }
  /** They take the caller: the carrier is to let the two talk. */
  | { readonly phase: 'joining'; readonly attempt: number }
  /** The carrier hands the caller over by itself, without anybody being asked. */
  | { readonly phase: 'forwarding'; readonly attempt: number }
  /** The caller is with the person, or gone: nothing is to be done here any more. */
  | { readonly phase: 'over' };

export type TransferPhase = TransferState['phase'];

export type TransferInput =
  | { readonly type: 'asked'; readonly handover: 'warm' | 'cold'; readonly attempt: number }
  /** An operator had the carrier do it. */
  | { readonly type: 'forwarded'; readonly attempt: number }
  | { readonly type: 'picked-up' | 'accepted' | 'declined' | 'joined' }
  /** Whoever is called, or the carrier. */
  | { readonly type: 'failed'; readonly outcome: TransferOutcome }
  /** The phase lasts for too long. */
  | { readonly type: 'expired' }
  /** The caller's call is over, or goes on elsewhere. */
  | { readonly type: 'ended' };

export type TransferAction =
  | { readonly do: 'call' | 'forward'; readonly attempt: number }
  /** Ends the call to the person. */
  | { readonly do: 'drop' }
  | { readonly do: 'join' }
  /** The caller is the agent's again. */
  | { readonly do: 'give-back'; readonly outcome: TransferOutcome }
  /** The two talk: we are out of it. */
  | { readonly do: 'leave' };

export interface TransferStep {
  readonly state: TransferState;
  readonly actions: readonly TransferAction[];
}

const over = { phase: 'over' } as const;
const none = { phase: 'none' } as const;

/** Total: any input in any state. `numbers`: how many the target has. */
export function stepTransfer(state: TransferState, input: TransferInput, numbers: number): TransferStep {
  switch (state.phase) {
    case 'none':
      return begin(input);
    case 'calling':
      if (input.type === 'picked-up') return { state: { ...state, phase: 'briefing' }, actions: [] };
      return consult(state, input, numbers, 'no-answer');
    case 'briefing':
      return consult(state, input, numbers, 'no-answer');
    case 'joining':
      return join(state, input);
    case 'forwarding':
      return forward(state, input, numbers);
    case 'over':
      return stay(state);
    default:
      return state satisfies never;
  }
}

function begin(input: TransferInput): TransferStep {
  switch (input.type) {
    case 'asked': {
      const { attempt } = input;
      return input.handover === 'warm'
        ? { state: { phase: 'calling', attempt }, actions: [{ do: 'call', attempt }] }
        : { state: { phase: 'forwarding', attempt }, actions: [{ do: 'forward', attempt }] };
    }
    case 'forwarded':
      return { state: { phase: 'forwarding', attempt: input.attempt }, actions: [] };
    case 'ended':
      return { state: over, actions: [] };
    default:
      return stay(none);
  }
}

function consult(
  state: Extract<TransferState, { phase: 'calling' | 'briefing' }>,
  input: TransferInput,
  numbers: number,
  tooLate: TransferOutcome,
): TransferStep {
  switch (input.type) {
    case 'accepted':
      return { state: { ...state, phase: 'joining' }, actions: [{ do: 'join' }] };
    case 'declined':
      return giveBack('declined', [{ do: 'drop' }]);
    case 'failed':
    case 'expired': {
      const outcome = input.type === 'failed' ? input.outcome : tooLate;
      const attempt = state.attempt + 1;
      // Who picked up and did not decide is not to be rung again.
      const isRepeated = state.phase === 'briefing' && outcome !== 'voicemail';
      if (isRepeated || attempt >= numbers || !isWorthAnotherNumber(outcome))
        return giveBack(outcome, [{ do: 'drop' }]);
      return { state: { phase: 'calling', attempt }, actions: [{ do: 'drop' }, { do: 'call', attempt }] };
    }
    case 'ended':
      return { state: over, actions: [{ do: 'drop' }] };
    default:
      return stay(state);
  }
}

function join(state: TransferState, input: TransferInput): TransferStep {
  switch (input.type) {
    case 'joined':
      return { state: over, actions: [{ do: 'leave' }] };
    case 'failed':
      return giveBack(input.outcome, [{ do: 'drop' }]);
    case 'expired':
      return giveBack('failed', [{ do: 'drop' }]);
    // The carrier takes the caller from us to join the two: whether it has, the request that asked for it tells.
    case 'ended':
      return { state: over, actions: [] };
    default:
      return stay(state);
  }
}

function forward(
  state: Extract<TransferState, { phase: 'forwarding' }>,
  input: TransferInput,
  numbers: number,
): TransferStep {
  switch (input.type) {
    case 'failed': {
      const attempt = state.attempt + 1;
      if (attempt >= numbers || !isWorthAnotherNumber(input.outcome)) return giveBack(input.outcome, []);
      return { state: { phase: 'forwarding', attempt }, actions: [{ do: 'forward', attempt }] };
    }
    case 'expired':
      return giveBack('failed', []);
    case 'joined':
    case 'ended':
      return { state: over, actions: [] };
    default:
      return stay(state);
  }
}

function giveBack(outcome: TransferOutcome, before: readonly TransferAction[]): TransferStep {
  return { state: none, actions: [...before, { do: 'give-back', outcome }] };
}

function stay(state: TransferState): TransferStep {
  return { state, actions: [] };
}
