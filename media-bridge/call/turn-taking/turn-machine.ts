// Decides whose turn it is: from what is heard of the caller, here and by the service, and from what the agent is saying. Pure.
import { frameMs } from '../../audio/audio-format.ts';
import type { Manner } from '../../audio/manner.ts';
import { chooseManner } from './agent-manner.ts';
import { addEcho, isAside, isClear, isEcho, isNear, lengthOf, mayBeEcho, nameSound, noEcho } from './sound-verdict.ts';
import type { TurnNumbers } from './turn-numbers.ts';
import {
  type AgentMoment,
  quietTurn,
  type TurnAction,
  type TurnInput,
  type TurnPhase,
  type TurnState,
} from './turn-state.ts';
import { noWords } from './word-evidence.ts';

export interface TurnStep {
  readonly state: TurnState;
  readonly actions: readonly TurnAction[];
}

type Frame = Extract<TurnInput, { type: 'frame' }>;

/** Who goes on so soon, before anything is known of what they said, had not finished: within turns people rest for longer than services wait. */
const longestBreathMs = 700;
/** Of what is said around a breath it counts for so much at most: a pause within words, and no more. */
const mostOfBreathMs = 140;
/** Of the agent's words, with nothing heard meanwhile: a line that gives them back does so all the time. */
const noEchoMs = 2_000;
/** Fewer frames are a click. */
const onsetFrames = 2;
/** A click, and then a voice. Most syllables are longer, whether or not a pitch has been made out in them ("ac-tually"). */
const longestClickMs = 80;
/** Of the room, before somebody speaks over it. */
const leastRoomMs = 160;
const clickGapMs = 120;
/** A service that heard a voice says so within this time of its end, or has not heard it; some say so with its words. */
const noticedWithinMs = 700;
/** Of what is no voice, or nobody's who speaks to us. */
const noiseNoticedWithinMs = 400;
/** A service that heard a turn says that it is over, or is not asked any more. */
const turnEndsWithinMs = 1_500;
/** Into a goodbye, or into what must be heard, people say a word or two. */
const insistsAfterMs = 1_300;
const leastEchoMs = 250;
/** Of a voice that only our own ear hears: a service that says nothing for so long is deaf. */
const surelyMeantMs = 1_400;
/** What sounds shorter than this while nobody speaks is a word at most. */
const shortMs = 250;
/** dB against the caller's own voice: what is fainter is no caller who turned away. */
const farDb = -12;
/** How many frames the level of the line is taken over, whatever is in it: services tell late what they heard. */
const risingFrames = 15;
const fallingFrames = 45;
/** Of a line: what comes back of the agent's words is over by then. */
const outlastedMs = 360;
/** dB against the caller's own voice: between softer moments than this, words have louder ones. */
const nearMomentDb = -12;
/** A word may begin so softly. */
const longestFarMs = 300;
/** Until the mean shows it. */
const comingNearMs = 100;
/** Of a voice that only the service hears: shorter may be anything. */
const surelySpokenMs = 1_200;

/** Total: any input in any state. */
export function stepTurn(before: TurnState, input: TurnInput, agent: AgentMoment, numbers: TurnNumbers): TurnStep {
  switch (input.type) {
    case 'frame':
      return hearFrame(before, input, agent, numbers);
    case 'service-started': {
      // Told late, of a sound that our own ear has heard to its end.
      const began = before.phase === 'judging' ? before : begin(before, agent);
      const state = { ...began, isHeardThere: true, thereUntilMs: agent.nowMs, areWordsFinal: false };
      return stay({ ...state, turnIds: [...state.turnIds, ...(input.turnId === undefined ? [] : [input.turnId])] });
    }
    case 'service-stopped': {
      const state = { ...before, isHeardThere: false, thereUntilMs: agent.nowMs };
      if (state.phase === 'taken') return endTurn(state, agent, numbers);
      if (state.phase === 'faint') return judge(beginJudging(state, agent, numbers), agent, numbers);
      return state.phase === 'judging' ? judge(state, agent, numbers) : stay(state);
    }
    case 'service-lost': {
      // The next one has as long to take notice as if it had all been said just now.
      const unheard = { isHeardThere: false, heardMs: agent.nowMs, turnIds: [], words: noWords, areWordsFinal: false };
      return stay({ ...before, ...unheard, isCatchingUp: input.holdsTurn });
    }
    case 'words': {
      const state = { ...before, words: input.evidence, areWordsFinal: input.isFinal };
      if (state.phase === 'overlap' && insists(state, agent, numbers)) return take(state, agent);
      return state.phase === 'judging' ? judge(state, agent, numbers) : stay(state);
    }
    case 'late-words': {
      // The answer has not begun to sound, and they were not done.
      const isTooSoon = before.phase === 'idle' && agent.owesReply && !agent.isAudible && input.evidence.isUnfinished;
      if (!isTooSoon) return stay(before);
      const state: TurnState = { ...before, phase: 'resting', overSinceMs: agent.nowMs, hasCut: true };
      return { state, actions: [{ type: 'take' }] };
    }
    default:
      return input satisfies never;
  }
}

function hearFrame(before: TurnState, frame: Frame, agent: AgentMoment, numbers: TurnNumbers): TurnStep {
  const { nowMs } = agent;
  const soundFrames = frame.isSound ? before.soundFrames + 1 : 0;
  const risesDb = frame.momentDb - before.recentDb;
  const recentDb = before.recentDb + risesDb / (risesDb > 0 ? risingFrames : fallingFrames);
  const isAlone = before.phase === 'idle' && agent.isAudible && soundFrames === 0;
  const aloneMs = before.aloneMs + (isAlone ? frameMs : 0);
  const { echoes, echoDb } = aloneMs >= noEchoMs ? noEcho : before;
  const wasUnderWay = isSounding(before.phase) && !frame.isRoomKnown && !agent.isAudible;
  const isHalfHeard = before.isHalfHeard || wasUnderWay;
  // Whatever the agent says now, the caller has something to answer.
  const doubtedSinceMs = agent.isAudible || agent.owesReply ? undefined : before.doubtedSinceMs;
  let state: TurnState = { ...before, doubtedSinceMs, soundFrames, recentDb, aloneMs, echoes, echoDb, isHalfHeard };
  const actions: TurnAction[] = [];
  if (soundFrames === onsetFrames && !isSounding(state.phase)) {
    const sinceMs = nowMs - Math.max(onsetFrames * frameMs, frame.risingMs);
    const breathMs = sinceMs - before.heardMs;
    const isVoice = before.hasBeenNear && (before.thereUntilMs !== undefined || !mayBeEcho(before));
    const goesOn = before.phase === 'judging' && breathMs < longestBreathMs && isVoice;
    const soFarMs = goesOn ? before.lengthMs + Math.min(breathMs, mostOfBreathMs) : 0;
    state = { ...begin(state, agent), beganMs: sinceMs - soFarMs, hasBeenLoud: goesOn };
    if (!goesOn) actions.push({ type: 'listen' });
    // The service was first.
  } else if (frame.isSound && isSounding(state.phase) && !state.isHeardHere) actions.push({ type: 'listen' });
  if (isClickBefore(state, nowMs) && frame.isSound)
    state = { ...state, beganMs: nowMs - frame.risingMs, lengthMs: lengthOf(state) };
  if (!state.isHalfHeard && (soundFrames >= onsetFrames || (frame.isSound && isSounding(state.phase)))) {
    const { kind, isMuffled, levelDb } = frame;
    // What was in the room before it is no part of it.
    const beginsNow = frame.isLoud && !state.hasBeenLoud && state.phase !== 'taken';
    // Nor of how it sounds.
    if (beginsNow && state.isHeardHere && nowMs - state.beganMs >= leastRoomMs) actions.push({ type: 'listen' });
    const beganMs = beginsNow ? Math.max(state.beganMs, nowMs - Math.max(frameMs, frame.risingMs)) : state.beganMs;
    const hasBeenLoud = state.hasBeenLoud || frame.isLoud;
    const nearMs = frame.momentDb > nearMomentDb ? nowMs : state.nearMs;
    state = { ...state, isHeardHere: true, heardMs: nowMs, nearMs, beganMs, hasBeenLoud, kind, isMuffled, levelDb };
    // Somebody speaks over what was far away all the time.
    const comesNear =
      !isNear(before, numbers) && isNear(state, numbers) && before.isHeardHere && state.phase !== 'taken';
    if (comesNear && !state.hasComeNear && lengthOf(state) >= longestFarMs) {
      actions.push({ type: 'listen' });
      state = { ...state, beganMs: nowMs - comingNearMs, hasComeNear: true };
    }
  } else if (state.isHeardThere && !state.isHeardHere) state = { ...state, heardMs: nowMs, nearMs: nowMs };
  const isFading = state.isHeardHere && frame.momentDb - state.levelDb < numbers.fadesDb;
  if (isFading !== state.isFading) state = { ...state, isFading };
  const step = react(state, agent, numbers);
  return { state: step.state, actions: [...actions, ...step.actions] };
}

function react(state: TurnState, agent: AgentMoment, numbers: TurnNumbers): TurnStep {
  const { nowMs } = agent;
  const silentMs = nowMs - state.heardMs;
  switch (state.phase) {
    case 'idle':
      if (isWaitedFor(state, agent, numbers))
        return { state: { ...state, doubtedSinceMs: undefined }, actions: [{ type: 'reconsider' }] };
      return changeManner(state, state.soundFrames > 0 && agent.isAudible ? 'alert' : 'attentive', nowMs);
    case 'overlap':
      if (silentMs >= numbers.soundEndsAfterMs) return judge(beginJudging(state, agent, numbers), agent, numbers);
      // It has come to its end: who goes on speaking has the word.
      if (!agent.isAudible) return stay({ ...state, phase: 'faint' });
      if (insists(state, agent, numbers)) return take(state, agent);
      return changeManner(state, chooseManner(state, agent, numbers), nowMs);
    case 'faint':
      if (agent.isAudible && agent.heardMs > numbers.agentBeganMs) return stay({ ...state, phase: 'overlap' });
      if (isTurn(state, numbers)) return take(state, agent);
      if (silentMs < numbers.soundEndsAfterMs || state.isHeardThere) return stay(state);
      return judge(beginJudging(state, agent, numbers), agent, numbers);
    case 'judging':
      return judge(state, agent, numbers);
    case 'taken':
      if (state.isHeardThere) return stay(state);
      if (silentMs < turnEndsWithinMs) return stay(state);
      return endTurn(state, agent, numbers);
    case 'resting':
      return nowMs - state.overSinceMs < numbers.goesOnWithinMs ? stay(state) : reply(state, nowMs - state.overSinceMs);
    default:
      return state.phase satisfies never;
  }
}

/** What was taken for an aside has no answer, and nobody says more. */
function isWaitedFor(state: TurnState, agent: AgentMoment, { reconsidersAfterMs }: TurnNumbers): boolean {
  const { doubtedSinceMs, soundFrames } = state;
  if (doubtedSinceMs === undefined || soundFrames > 0 || agent.guard !== 'none') return false;
  return agent.nowMs - doubtedSinceMs >= reconsidersAfterMs;
}

/** Where nobody is to be stopped our own ear alone takes nothing for a turn: who answers it has not heard it. */
function isTurn(state: TurnState, numbers: TurnNumbers): boolean {
  return state.thereUntilMs !== undefined && isClear(state, numbers) && lengthOf(state) >= numbers.turnAfterMs;
}

const newSound = {
  kind: 'speech',
  isMuffled: false,
  levelDb: 0,
  isHeardHere: false,
  isHalfHeard: false,
  hasBeenLoud: false,
  hasComeNear: false,
} as const;

/** A sound begins, or another part of one that is not decided. */
function begin(state: TurnState, { nowMs, isAudible, leftMs, heardMs }: AgentMoment): TurnState {
  if (isSounding(state.phase)) return state;
  const sound = { beganMs: nowMs, heardMs: nowMs, nearMs: nowMs, ...newSound };
  // Whoever goes on has not been done.
  if (state.phase === 'resting') return { ...state, ...sound, phase: 'taken' };
  if (state.phase === 'judging') return { ...state, ...sound, phase: isAudible ? 'overlap' : 'faint' };
  const { manner, soundFrames, asides, doubtedSinceMs, echoes, echoDb, recentDb, isCatchingUp } = state;
  return {
    ...quietTurn,
    ...sound,
    recentDb,
    isCatchingUp,
    manner,
    soundFrames,
    asides,
    doubtedSinceMs,
    echoes,
    echoDb,
    phase: isAudible ? 'overlap' : 'faint',
    agentLeftMs: isAudible ? leftMs : 0,
    intoAgentMs: isAudible ? heardMs : Number.POSITIVE_INFINITY,
  };
}

/** What sounded for a moment, well before this, is no part of it. */
function isClickBefore(state: TurnState, nowMs: number): boolean {
  if (state.phase !== 'overlap' && state.phase !== 'faint') return false;
  return (
    !state.isHeardThere &&
    state.kind === 'noise' &&
    nowMs - state.heardMs >= clickGapMs &&
    lengthOf(state) <= longestClickMs
  );
}

/** The caller means it: by the words, or by going on. */
function insists(state: TurnState, { guard, nowMs }: AgentMoment, numbers: TurnNumbers): boolean {
  if (guard === 'heard-out') return false;
  const { kind } = state;
  // Words that are said to somebody else are none.
  const words = isAside(state, numbers) ? noWords : state.words;
  const hasEnough = words.words >= Math.max(1, numbers.minimumWords);
  if (words.says === 'stop') return true;
  if (words.says === 'words' && hasEnough) return true;
  if (isLeaving(state, guard)) return true;
  const isHeard = nowMs - state.nearMs < numbers.resumeAfterMs;
  const lengthMs = state.nearMs - state.beganMs;
  if (guard === 'goodbye') return isHeard && isClear(state, numbers) && lengthMs >= insistsAfterMs;
  const isListening = words.says === 'listening' || words.says === 'hum';
  if (isListening && !numbers.takesBackchannels) return true;
  if (words.words > 0 && !hasEnough) return false;
  const stopAfterMs = isListening && kind === 'speech' ? numbers.stopListenerAfterMs : numbers.stopAfterMs[kind];
  if (!isNear(state, numbers)) return isHeard && state.levelDb > farDb && lengthMs >= numbers.stopAfterMs.muffled;
  // The agent has been silent, and they went on: that was no echo of its own, unless the line is a slow one.
  const hasOutlasted = state.pausedSinceMs !== undefined && nowMs - state.pausedSinceMs >= outlastedMs;
  const isMeant = state.thereUntilMs !== undefined || (hasOutlasted && !mayBeEcho(state));
  return isHeard && lengthMs >= (isMeant ? stopAfterMs : Math.max(stopAfterMs, surelyMeantMs)) && !isEcho(state);
}

function judge(state: TurnState, agent: AgentMoment, numbers: TurnNumbers): TurnStep {
  const { words, areWordsFinal, isHeardThere, thereUntilMs } = state;
  const { isAudible, guard } = agent;
  const saysSomething =
    !isAside(state, numbers) && (isLeaving(state, guard) || words.says === 'words' || words.says === 'stop');
  // Into its last words, or after them: whatever is said there is said to it.
  const isAnswer = !isAudible && state.agentLeftMs <= numbers.agentEndsMs;
  if (isAudible && guard === 'heard-out')
    return saysSomething && !isHeardThere ? reply(state) : waitForWords(state, agent, numbers);
  if (isAudible && saysSomething && insists(state, agent, numbers)) return take(state, agent);
  if (isHeardThere) return waitForWords(state, agent, numbers);
  const isHeardWell = state.isHeardHere && !state.isHalfHeard;
  const thereMs = (thereUntilMs ?? 0) - state.beganMs;
  const isSure = isHeardWell
    ? isClear(state, numbers) && state.lengthMs >= shortMs
    : Math.max(state.lengthMs, thereMs) >= surelySpokenMs;
  if (isAnswer && isSure && thereUntilMs !== undefined) return take(state, agent);
  if (!areWordsFinal) return waitForWords(state, agent, numbers);
  const wantsAnswer = isAnswer ? isForUs(state, numbers) : saysSomething && !isAudible;
  return wantsAnswer ? take(state, agent) : drop(state, agent, numbers);
}

/** Nothing more is to be known of it once its time is over. */
function waitForWords(state: TurnState, agent: AgentMoment, numbers: TurnNumbers): TurnStep {
  const { nowMs, isAudible } = agent;
  const passedMs = nowMs - Math.max(state.overSinceMs, state.thereUntilMs ?? 0);
  const isVoice = state.kind !== 'noise' && !isAside(state, numbers);
  const isUnnoticed =
    state.thereUntilMs === undefined && nowMs - state.overSinceMs >= (isVoice ? noticedWithinMs : noiseNoticedWithinMs);
  const withinMs = isAudible ? numbers.wordsWithinMs : numbers.wordsInSilenceWithinMs;
  const goesOn = state.isHeardThere && (!isAudible || nowMs - state.overSinceMs < 2 * turnEndsWithinMs);
  if (goesOn || (!state.isHeardThere && passedMs < withinMs && !isUnnoticed)) {
    // "Wait … I have a question": whoever takes a breath is not to wait for what is on the line already once they go on.
    return changeManner(state, nowMs - state.heardMs < longestBreathMs ? 'alert' : 'attentive', nowMs);
  }
  return drop(state, agent, numbers);
}

/** Words while nobody else speaks are for the agent, unless they come from further away, or are none. */
function isForUs(state: TurnState, numbers: TurnNumbers): boolean {
  const { says } = state.words;
  if (says === 'nothing' || (says === 'hum' && numbers.takesBackchannels)) return false;
  return !isAside(state, numbers);
}

function beginJudging(state: TurnState, { nowMs }: AgentMoment, numbers: TurnNumbers): TurnState {
  const isVoice = state.isHeardHere && state.kind !== 'noise' && !isAside(state, numbers);
  const hasBeenNear = state.hasBeenNear || isVoice;
  const lengthMs = Math.max(state.lengthMs, lengthOf(state));
  return { ...state, phase: 'judging', overSinceMs: nowMs, lengthMs, hasBeenNear };
}

function take(state: TurnState, { nowMs, isAudible, owesReply }: AgentMoment): TurnStep {
  const hasCut = state.hasCut || isAudible || owesReply;
  const taken: TurnState = {
    ...state,
    phase: 'taken',
    manner: 'attentive',
    pausedSinceMs: undefined,
    doubtedSinceMs: undefined,
    hasCut,
  };
  const step: TurnStep = { state: taken, actions: [{ type: 'take' }, { type: 'manner', manner: 'attentive' }] };
  const isOver = state.phase === 'judging' && !state.isHeardThere;
  if (!isOver) return step;
  const ended = finish(taken, nowMs);
  return { state: ended.state, actions: [...step.actions, ...ended.actions] };
}

function endTurn(state: TurnState, agent: AgentMoment, numbers: TurnNumbers): TurnStep {
  const { hasCut } = state;
  // It began like a voice near by, and was none.
  if (!hasCut && state.isHeardHere && !isClear(state, numbers))
    return judge(beginJudging(state, agent, numbers), agent, numbers);
  return finish(state, agent.nowMs);
}

/** Whose last word ends no sentence may go on. */
function finish(state: TurnState, nowMs: number): TurnStep {
  return state.words.isUnfinished ? stay({ ...state, phase: 'resting', overSinceMs: nowMs }) : reply(state);
}

function reply(state: TurnState, restedMs = 0): TurnStep {
  return {
    state: { ...quietTurn, manner: state.manner, soundFrames: state.soundFrames, recentDb: state.recentDb },
    actions: [{ type: 'reply', restedMs }],
  };
}

function drop(state: TurnState, agent: AgentMoment, numbers: TurnNumbers): TurnStep {
  const sound = nameSound(state, numbers);
  const asides = sound === 'aside' ? state.asides + 1 : 0;
  const { lengthMs, pausedMs, soundFrames, manner, recentDb } = state;
  const isNoticed = state.thereUntilMs !== undefined;
  // A hum is a caller's, whoever else has not heard it.
  const isVoice = state.kind !== 'noise' && sound !== 'hum';
  const isEchoLike = !isNoticed && pausedMs === 0 && isVoice && lengthMs >= leastEchoMs;
  const echo = isNoticed ? noEcho : isEchoLike && state.agentLeftMs > 0 ? addEcho(state) : state;
  const { echoes, echoDb } = echo;
  const isSpoken = isVoice && state.isHeardHere && state.words.words > 0;
  const isDoubted = isSpoken && !agent.isAudible && state.agentLeftMs <= numbers.agentEndsMs;
  const doubtedSinceMs = isDoubted ? state.overSinceMs : state.doubtedSinceMs;
  return {
    state: { ...quietTurn, manner, soundFrames, recentDb, asides, doubtedSinceMs, echoes, echoDb },
    actions: [{ type: 'drop', sound, lengthMs, pausedMs, isNoticed, isDoubted }],
  };
}

function changeManner(state: TurnState, manner: Manner, nowMs: number): TurnStep {
  if (manner === state.manner) return stay(state);
  const pausedMs = state.pausedMs + (state.pausedSinceMs === undefined ? 0 : nowMs - state.pausedSinceMs);
  const pausedSinceMs = manner === 'paused' ? nowMs : undefined;
  // It fell silent when the agent did, and nobody else has heard it; what goes on, softly, is none.
  const wasEcho = state.manner === 'paused' && manner !== 'soft' && state.thereUntilMs === undefined;
  const { echoes, echoDb } = wasEcho ? addEcho(state) : state;
  return {
    state: { ...state, manner, pausedMs, pausedSinceMs, echoes, echoDb },
    actions: [{ type: 'manner', manner }],
  };
}

/** Who says goodbye in the midst of what the agent says wants to go. */
const isLeaving = ({ words }: TurnState, guard: AgentMoment['guard']) =>
  words.says === 'farewell' && guard !== 'goodbye';

function isSounding(phase: TurnPhase): boolean {
  return phase === 'overlap' || phase === 'faint' || phase === 'taken';
}

function stay(state: TurnState): TurnStep {
  return { state, actions: [] };
}
