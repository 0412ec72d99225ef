// Lets one response be made at a time: decides when to ask the service for the next one. Pure.
import type { ReplyRequest } from '../voice-model.ts';

const answer = { answer: true } as const;

export interface GateState {
  /** `asked`: response.create is on its way; `active`: a response is being made, ours or the service's own. */
  readonly phase: 'idle' | 'asked' | 'active';
  /** Undefined while active: the service told of a response that we have not seen created. */
  readonly responseId: string | undefined;
  /** What was asked for, until it is known that the active response is it. */
  readonly asked: ReplyRequest | undefined;
  readonly waiting: readonly ReplyRequest[];
  /** Something in the conversation is ours to have answered: output of tools, keys that were pressed. */
  readonly owesAnswer: boolean;
  /** A turn of the caller's is over that the service does not answer by itself: nobody waits for tools with that. */
  readonly owesTurn: boolean;
  /** Items of ours which the service has not confirmed: a response created now does not know of them. */
  readonly unconfirmed: readonly string[];
  readonly openToolCalls: readonly string[];
  readonly callerSpeaks: boolean;
  /** The caller began to speak after we asked and before the response was there to be interrupted. */
  readonly cancelsWhenCreated: boolean;
  /** What was asked for, and is not there yet, does not know of the turn that has been said since: it answers too little. */
  readonly isOutdated: boolean;
}

export type GateInput =
  | { type: 'ask'; request: ReplyRequest }
  /** What was asked for, or was to come by itself, did not come: this takes the place of all of it. */
  | { type: 'ask-again'; request: ReplyRequest }
  /** An item was sent that wants an answer. */
  | { type: 'item-sent'; itemId: string }
  | { type: 'item-added'; itemId: string }
  | { type: 'tool-called'; toolCallId: string }
  | { type: 'tool-answered'; toolCallId: string }
  /** The service decides whose turn it is: it stops its response, and answers. */
  | { type: 'speech-started' }
  | { type: 'speech-stopped' }
  /** We do: the caller has the word, the turn is to be answered, or there was none. */
  | { type: 'word-taken' }
  | { type: 'turn-over' }
  | { type: 'turn-dropped' }
  | { type: 'response-created'; responseId: string }
  /** `retry`: it failed, and whatever it was to say is still to be said. */
  | { type: 'response-done'; responseId: string; retry?: boolean }
  /** Our request was refused since another response is active. */
  | { type: 'refused' }
  /** Our request was refused for another reason; it is made once more. Whoever counts the failures gives up. */
  | { type: 'failed' };

export type GateAction = { type: 'create'; request: ReplyRequest } | { type: 'cancel'; responseId: string };

/** Replies asked for out of turn. The session asks for one at a time; of more than this the oldest are stale. */
const maxWaiting = 8;

export const idleGate: GateState = Object.freeze({
  phase: 'idle',
  responseId: undefined,
  asked: undefined,
  waiting: [],
  owesAnswer: false,
  owesTurn: false,
  unconfirmed: [],
  openToolCalls: [],
  callerSpeaks: false,
  cancelsWhenCreated: false,
  isOutdated: false,
});

/** Total: any input in any state. */
export function stepGate(state: GateState, input: GateInput): { state: GateState; actions: readonly GateAction[] } {
  switch (input.type) {
    case 'ask':
      return pass({ ...state, waiting: [...state.waiting, input.request].slice(-maxWaiting) });
    case 'ask-again':
      return askAgain({ ...state, waiting: [input.request], owesAnswer: false, owesTurn: false });
    case 'item-sent':
      return pass({ ...state, owesAnswer: true, unconfirmed: [...state.unconfirmed, input.itemId] });
    case 'item-added':
      return stay({ ...state, unconfirmed: without(state.unconfirmed, input.itemId) });
    case 'tool-called':
      return stay({ ...state, openToolCalls: [...state.openToolCalls, input.toolCallId] });
    case 'tool-answered':
      return pass({ ...state, openToolCalls: without(state.openToolCalls, input.toolCallId) });
    case 'speech-started':
      return stay({ ...state, callerSpeaks: true, cancelsWhenCreated: state.phase === 'asked' });
    case 'speech-stopped':
      return pass({ ...state, callerSpeaks: false, cancelsWhenCreated: false });
    case 'word-taken':
      return stay({ ...state, callerSpeaks: true, isOutdated: state.isOutdated || state.phase === 'asked' });
    case 'turn-over':
      return pass({
        ...state,
        callerSpeaks: false,
        owesTurn: true,
        isOutdated: state.isOutdated || state.phase === 'asked',
      });
    case 'turn-dropped':
      return pass({ ...state, callerSpeaks: false });
    case 'response-created':
      return create(state, input.responseId);
    case 'response-done':
      // Of a response that is not the active one: nothing waits for it.
      if (state.responseId !== undefined && state.responseId !== input.responseId) return stay(state);
      return pass({
        ...(input.retry ? putBack(state, state.asked ?? answer) : state),
        phase: 'idle',
        responseId: undefined,
        asked: undefined,
      });
    case 'refused': {
      const phase = state.phase === 'asked' ? 'active' : state.phase;
      return stay({
        ...putBack(state, state.asked),
        phase,
        asked: undefined,
        cancelsWhenCreated: false,
        isOutdated: false,
      });
    }
    case 'failed': {
      const phase = state.phase === 'asked' ? 'idle' : state.phase;
      return pass({
        ...putBack(state, state.asked),
        phase,
        asked: undefined,
        cancelsWhenCreated: false,
        isOutdated: false,
      });
    }
    default:
      input satisfies never;
      return stay(state);
  }
}

/** Nothing is being made, and nothing is owed. */
export function isGateQuiet({ phase, callerSpeaks, owesAnswer, owesTurn, openToolCalls }: GateState): boolean {
  return phase === 'idle' && !callerSpeaks && !owesAnswer && !owesTurn && openToolCalls.length === 0;
}

function create(state: GateState, responseId: string): ReturnType<typeof stepGate> {
  if (state.isOutdated) {
    const next: GateState = { ...state, phase: 'active', responseId, isOutdated: false, cancelsWhenCreated: false };
    return { state: next, actions: [{ type: 'cancel', responseId }] };
  }
  // It knows all that the service had confirmed before, whoever asked for it.
  const answersAll = state.unconfirmed.length === 0 && state.openToolCalls.length === 0;
  const next: GateState = {
    ...state,
    phase: 'active',
    responseId,
    asked: state.asked && 'answer' in state.asked && answersAll ? undefined : state.asked,
    owesAnswer: answersAll ? false : state.owesAnswer,
    cancelsWhenCreated: false,
  };
  return { state: next, actions: state.cancelsWhenCreated ? [{ type: 'cancel', responseId }] : [] };
}

/** A request that was never answered with a response may be lost: whoever comes second is told so by the service. */
function askAgain(state: GateState): ReturnType<typeof stepGate> {
  if (state.phase !== 'active') return pass({ ...state, phase: 'idle', asked: undefined });
  const actions = state.responseId === undefined ? [] : [{ type: 'cancel' as const, responseId: state.responseId }];
  return { state: { ...state, asked: undefined }, actions };
}

function putBack(state: GateState, request: ReplyRequest | undefined): GateState {
  if (request === undefined) return state;
  if (!('answer' in request)) return { ...state, waiting: [request, ...state.waiting] };
  // While tools are at work, we ask for no answer but to a turn.
  const isOfTurn = state.asked !== undefined && state.openToolCalls.length > 0;
  return isOfTurn ? { ...state, owesTurn: true } : { ...state, owesAnswer: true };
}

/** Asks for the next response if there is one to ask for. What the agent was told to say goes before answers. */
function pass(state: GateState): ReturnType<typeof stepGate> {
  if (state.phase !== 'idle') return stay(state);
  const [request, ...waiting] = state.waiting;
  if (request !== undefined) {
    return { state: { ...state, phase: 'asked', asked: request, waiting }, actions: [{ type: 'create', request }] };
  }
  // While the caller speaks, the service answers at the end of the turn; some of several tools' results would be half an answer.
  const isWaiting = state.openToolCalls.length > 0;
  if (state.callerSpeaks || !(state.owesTurn || (state.owesAnswer && !isWaiting))) return stay(state);
  return {
    state: { ...state, phase: 'asked', asked: answer, owesTurn: false, owesAnswer: state.owesAnswer && isWaiting },
    actions: [{ type: 'create', request: answer }],
  };
}

function stay(state: GateState): ReturnType<typeof stepGate> {
  return { state, actions: [] };
}

function without(list: readonly string[], gone: string): readonly string[] {
  return list.filter((entry) => entry !== gone);
}
