// Whether the caller waits for the agent in silence, for how long, and what is to be done about it. Pure.
import type { AgentProfile } from '../../../shared/agents/agent.ts';
import type { Floor } from '../../../shared/call/call.ts';

/**
 * Each leaves room for the one before it: the caller hears that somebody is there before "hello?" is said, a reply that is
 * only slow comes before it is asked for once more, and what was asked for again has time to come before another model is.
 */
export interface DeadAirLimits {
  /** Silence on the line, from the last sound of either side. */
  readonly fillAfterMs: number;
  /** From here on: what the caller has waited for the agent itself in all, whatever filled the silence. */
  readonly askAgainAfterMs: number;
  readonly nextModelAfterMs: number;
}

/** As an agent's front matter has them. */
export function readDeadAirLimits(seconds: AgentProfile['dead_air']): DeadAirLimits {
  return {
    fillAfterMs: seconds.filler_after_seconds * 1000,
    askAgainAfterMs: seconds.ask_again_after_seconds * 1000,
    nextModelAfterMs: seconds.next_model_after_seconds * 1000,
  };
}

/** All times by one monotonic clock. */
export interface DeadAirState {
  readonly floor: Floor;
  readonly sinceMs: number;
  /** A reply has begun to sound, and not all of it has come. */
  readonly isSpeaking: boolean;
  /** The reply that is being made began after it was owed: its sound is what the caller waits for. */
  readonly isAnswering: boolean;
  /** Nobody is to blame for the wait: a tool runs, or a model is being opened, which have limits of their own. */
  readonly runningTools: number;
  /** When the first of them began. */
  readonly toolsSinceMs: number;
  readonly hasModel: boolean;
  /** Where all that was sent down the line ends, and where the newest of the agent's own speech in it lies. */
  readonly soundsUntilMs: number;
  readonly speechFromMs: number;
  readonly speechUntilMs: number;
  /** Where the sound that goes on without a gap began, and where the last that was long enough to be heard ended. */
  readonly soundsFromMs: number;
  readonly silentFromMs: number;
  readonly countedUntilMs: number;
  readonly waitedMs: number;
  readonly hasAskedAgain: boolean;
  /** In a row. Once it may have been a noise; a model that is asked again then asks the caller, who says it once more. */
  readonly overheard: number;
}

export type DeadAirInput =
  | { readonly type: 'caller-started' }
  /** `agoMs`: so long before it was told. */
  | { readonly type: 'caller-stopped'; readonly agoMs?: number }
  /** By the sound the caller said something, and the model took no notice. */
  | { readonly type: 'overheard' }
  /** A reply was asked for in another way than by the caller's voice. */
  | { readonly type: 'owed'; readonly agoMs?: number }
  | { readonly type: 'reply-started' }
  /** Of a reply, or of what fills the silence: so much was sent down the line. */
  | { readonly type: 'reply-sounded'; readonly lengthMs: number }
  | { readonly type: 'filled'; readonly lengthMs: number }
  | { readonly type: 'reply-finished' }
  /** The line was cleared: nothing sounds, and nothing of the reply is wanted any more. */
  | { readonly type: 'cut' }
  | { readonly type: 'tool-started' | 'tool-finished' }
  | { readonly type: 'model-opened' | 'model-lost' }
  /** The agent has nothing to say any more. */
  | { readonly type: 'settled' }
  | { readonly type: 'time-passed' };

export interface Moment {
  readonly nowMs: number;
  /** When the caller was last heard, by the sound alone. */
  readonly callerHeardMs: number;
}

export type DeadAirAction = 'fill' | 'ask-again' | 'next-model';

/** A model that takes so many turns for nothing is deaf, and asking it again does not help. */
const deafAfterTurns = 2;
/** No model needs so long to find the end of a turn: they wait for half a second of silence. */
const longestTurnEndMs = 1_000;
/** Of a turn in which only the model hears anybody: some people are hard to hear, and few speak for so long. */
const longestFaintTurnMs = 10_000;
/** How many ms of waiting each ms of speech makes good: a reply that trickles is still one that does not come. */
const speechRepays = 4;

/** Of a tool: few answer later who answer soon. */
const fillDuringToolMs = 1_000;
/** What is shorter may be the breath before a word. */
const leastSoundMs = 300;
/** A timer that goes off late. */
const lateMs = 100;

export const quietLine: DeadAirState = Object.freeze({
  floor: 'nobody',
  sinceMs: 0,
  isSpeaking: false,
  isAnswering: false,
  runningTools: 0,
  toolsSinceMs: 0,
  hasModel: false,
  soundsUntilMs: 0,
  speechFromMs: 0,
  speechUntilMs: 0,
  soundsFromMs: 0,
  silentFromMs: 0,
  countedUntilMs: 0,
  waitedMs: 0,
  hasAskedAgain: false,
  overheard: 0,
});

/** Total: any input in any state. */
export function stepDeadAir(
  before: DeadAirState,
  input: DeadAirInput,
  moment: Moment,
  limits: DeadAirLimits,
): { readonly state: DeadAirState; readonly action?: DeadAirAction } {
  // Fifty times a second: made in one piece.
  if (input.type === 'reply-sounded') return { state: hearReply(before, input.lengthMs, moment) };
  const state = { ...before, ...count(before, moment.nowMs) };
  return input.type === 'time-passed' ? decide(state, moment, limits) : { state: take(state, input, moment) };
}

/** A model that catches up tells of a caller who has been silent, and waits, for long. */
export function isToldLate(floor: Floor, callerQuietMs: number): boolean {
  return floor === 'agent' && callerQuietMs > longestTurnEndMs;
}

/** When to step again, if nothing else happens; undefined while nobody waits. */
export function findNextLook(state: DeadAirState, moment: Moment, limits: DeadAirLimits): number | undefined {
  const { floor, hasAskedAgain, waitedMs, countedUntilMs, speechUntilMs } = state;
  if (floor === 'caller') return turnEndOf(state, moment);
  if (!isWaiting(state)) return undefined;
  const fillMs = fillDue(state, moment, limits);
  if (!isCounting(state)) return fillMs;
  const patienceMs = (hasAskedAgain ? limits.nextModelAfterMs : limits.askAgainAfterMs) - waitedMs;
  return Math.min(fillMs, Math.max(countedUntilMs, speechUntilMs) + patienceMs);
}

function take(
  state: DeadAirState,
  input: Exclude<DeadAirInput, { readonly type: 'reply-sounded' }>,
  moment: Moment,
): DeadAirState {
  const { nowMs } = moment;
  switch (input.type) {
    case 'caller-started':
      if (isToldLate(state.floor, nowMs - moment.callerHeardMs)) return { ...state, overheard: 0 };
      // Nor has the first syllable of a reply, which is cut off for it, ended their wait.
      if (
        state.floor === 'nobody' &&
        state.isSpeaking &&
        isSyllable(state) &&
        isToldLate('agent', nowMs - moment.callerHeardMs)
      )
        return { ...owe(state, waitingSince(state, nowMs)), overheard: 0 };
      return { ...forget(state), floor: 'caller', sinceMs: nowMs, overheard: 0 };
    case 'caller-stopped':
      return state.floor === 'agent' ? { ...state, isAnswering: false } : owe(state, nowMs - (input.agoMs ?? 0));
    case 'overheard':
      return { ...owe(state, nowMs), overheard: state.overheard + 1 };
    case 'owed':
      return state.floor === 'nobody' ? owe(state, waitingSince(state, nowMs) - (input.agoMs ?? 0)) : state;
    case 'reply-started':
      return { ...state, isAnswering: true };
    case 'filled':
      return { ...state, ...sound(state, input.lengthMs, nowMs, state.silentFromMs) };
    case 'reply-finished': {
      const isOver = state.floor === 'nobody';
      return { ...(isOver ? forget(state) : state), isSpeaking: false, isAnswering: false };
    }
    case 'cut':
      return {
        ...state,
        isSpeaking: false,
        isAnswering: false,
        soundsUntilMs: Math.min(nowMs, state.soundsUntilMs),
        silentFromMs: Math.min(nowMs, state.silentFromMs),
        speechUntilMs: Math.min(nowMs, state.speechUntilMs),
      };
    case 'tool-started': {
      const toolsSinceMs = state.runningTools === 0 ? nowMs : state.toolsSinceMs;
      return { ...state, runningTools: state.runningTools + 1, toolsSinceMs };
    }
    case 'tool-finished':
      return { ...state, runningTools: Math.max(0, state.runningTools - 1) };
    case 'model-opened':
      return { ...forget(state), hasModel: true };
    case 'model-lost': {
      const lost = { ...forget(state), hasModel: false, isSpeaking: false, overheard: 0 };
      // Who was waiting waits on.
      if (!isWaiting(state)) return { ...lost, isAnswering: false, floor: 'nobody' };
      return owe(lost, waitingSince(state, nowMs));
    }
    case 'settled':
      return { ...forget(state), floor: 'nobody', isSpeaking: false };
    case 'time-passed':
      return state;
    default:
      input satisfies never;
      return state;
  }
}

function decide(state: DeadAirState, moment: Moment, limits: DeadAirLimits): ReturnType<typeof stepDeadAir> {
  const { nowMs } = moment;
  if (state.floor === 'caller') {
    const endsMs = turnEndOf(state, moment);
    // Of a voice that nobody here hears, nobody knows when it fell silent.
    const sinceMs = isFaint(state, moment) ? nowMs : endsMs - longestTurnEndMs;
    return { state: nowMs < endsMs ? state : owe(state, sinceMs) };
  }
  if (!isWaiting(state)) return { state };
  const isDeaf = state.overheard >= deafAfterTurns && state.waitedMs >= limits.askAgainAfterMs;
  if (isDeaf || state.waitedMs >= limits.nextModelAfterMs) return { state: forget(state), action: 'next-model' };
  if (state.waitedMs >= limits.askAgainAfterMs && !state.hasAskedAgain)
    return { state: { ...state, hasAskedAgain: true }, action: 'ask-again' };
  return nowMs >= fillDue(state, moment, limits) ? { state, action: 'fill' } : { state };
}

function isWaiting({ floor, isSpeaking }: DeadAirState): boolean {
  return floor === 'agent' || (floor === 'nobody' && isSpeaking);
}

function isSyllable({ soundsFromMs, soundsUntilMs }: DeadAirState): boolean {
  return soundsUntilMs - soundsFromMs < leastSoundMs;
}

function isCounting(state: DeadAirState): boolean {
  return isWaiting(state) && state.hasModel && state.runningTools === 0;
}

/** Brings up to now how long the caller has waited. */
function count(state: DeadAirState, nowMs: number): Pick<DeadAirState, 'countedUntilMs' | 'waitedMs'> {
  const { countedUntilMs, speechFromMs, speechUntilMs } = state;
  const passedMs = Math.max(0, nowMs - countedUntilMs);
  const spokenMs = Math.max(0, Math.min(nowMs, speechUntilMs) - Math.max(countedUntilMs, speechFromMs));
  const silentMs = isCounting(state) ? passedMs - spokenMs : 0;
  const waitedMs = Math.max(0, state.waitedMs - speechRepays * spokenMs) + silentMs;
  return { countedUntilMs: Math.max(nowMs, countedUntilMs), waitedMs };
}

function hearReply(state: DeadAirState, lengthMs: number, moment: Moment): DeadAirState {
  const { nowMs } = moment;
  const { countedUntilMs, waitedMs } = count(state, nowMs);
  const floor = state.isAnswering && state.floor === 'agent' ? 'nobody' : state.floor;
  // What was waited for has begun: should it go on haltingly, the wait is counted from where it began, not from the last sound of all.
  const waitsSinceMs = state.floor === 'agent' ? fellSilent(state.sinceMs, moment) : 0;
  const sounding = sound(state, lengthMs, nowMs, Math.max(state.silentFromMs, waitsSinceMs));
  const { soundsFromMs, soundsUntilMs, silentFromMs } = sounding;
  // What waits behind a filler is spoken after it.
  const startMs = soundsUntilMs - lengthMs;
  const speechFromMs = startMs > state.speechUntilMs ? startMs : state.speechFromMs;
  return {
    ...state,
    countedUntilMs,
    waitedMs,
    floor,
    isSpeaking: true,
    soundsFromMs,
    soundsUntilMs,
    silentFromMs,
    speechFromMs,
    speechUntilMs: soundsUntilMs,
  };
}

/** `silentFromMs`: what it is unless this is long enough to be heard. */
function sound(
  state: DeadAirState,
  lengthMs: number,
  nowMs: number,
  silentFromMs: number,
): Pick<DeadAirState, 'soundsFromMs' | 'soundsUntilMs' | 'silentFromMs'> {
  const soundsFromMs = nowMs > state.soundsUntilMs ? nowMs : state.soundsFromMs;
  const soundsUntilMs = Math.max(nowMs, state.soundsUntilMs) + lengthMs;
  const isHeard = soundsUntilMs - soundsFromMs >= leastSoundMs;
  return { soundsFromMs, soundsUntilMs, silentFromMs: isHeard ? soundsUntilMs : silentFromMs };
}

function owe(state: DeadAirState, sinceMs: number): DeadAirState {
  return { ...state, floor: 'agent', sinceMs, isAnswering: false };
}

/** Whoever waits already, for the rest of a reply too, or of one that came to its end with its first syllable, has waited since then. */
function waitingSince(state: DeadAirState, nowMs: number): number {
  const { floor, sinceMs, isSpeaking, soundsUntilMs, silentFromMs } = state;
  if (floor === 'agent') return sinceMs;
  const isForMore = isSpeaking || (isSyllable(state) && nowMs - soundsUntilMs < leastSoundMs);
  return isForMore ? Math.min(nowMs, silentFromMs) : nowMs;
}

function forget(state: DeadAirState): DeadAirState {
  return { ...state, waitedMs: 0, hasAskedAgain: false };
}

/** A caller who was heard lately fell silent before any model could say so. */
function fellSilent(owedSinceMs: number, { callerHeardMs }: Moment): number {
  return owedSinceMs - callerHeardMs <= longestTurnEndMs + lateMs ? callerHeardMs : owedSinceMs;
}

function fillDue(state: DeadAirState, moment: Moment, { fillAfterMs }: DeadAirLimits): number {
  const { floor, sinceMs, silentFromMs, soundsUntilMs, runningTools, toolsSinceMs } = state;
  const fellSilentMs = fellSilent(floor === 'agent' ? sinceMs : 0, moment);
  const dueMs = Math.max(soundsUntilMs, Math.max(silentFromMs, fellSilentMs) + fillAfterMs);
  // Nothing has been said since it began: whoever looks something up says so.
  const isUnsaid = runningTools > 0 && silentFromMs <= toolsSinceMs;
  return isUnsaid ? Math.min(dueMs, toolsSinceMs + fillDuringToolMs) : dueMs;
}

function turnEndOf(state: DeadAirState, moment: Moment): number {
  if (isFaint(state, moment)) return state.sinceMs + longestFaintTurnMs;
  return Math.max(state.sinceMs, moment.callerHeardMs) + longestTurnEndMs;
}

function isFaint({ sinceMs }: DeadAirState, { callerHeardMs }: Moment): boolean {
  return callerHeardMs < sinceMs - longestTurnEndMs;
}
