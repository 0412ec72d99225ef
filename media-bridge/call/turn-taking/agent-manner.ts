// How the agent goes on while somebody makes a sound into its words that is not decided: as it was, softer, or not for now. Pure.
import { frameMs } from '../../audio/audio-format.ts';
import type { Manner } from '../../audio/manner.ts';
import { isEcho, isNear, lengthOf } from './sound-verdict.ts';
import type { TurnNumbers } from './turn-numbers.ts';
import type { AgentMoment, TurnState } from './turn-state.ts';

/** Nobody listens to an agent that hesitates for longer: it goes on, softly, until it is decided. */
const longestPauseMs = 280;
/** Of what no service has noticed: a voice that outlasts it is no echo. */
const longestUnnoticedPauseMs = 400;

export function chooseManner(state: TurnState, agent: AgentMoment, numbers: TurnNumbers): Manner {
  const { nowMs } = agent;
  const silentMs = nowMs - state.nearMs;
  if (state.manner === 'paused' && mayPauseOn(state, nowMs, numbers)) return 'paused';
  if (silentMs >= numbers.resumeAfterMs) return 'alert';
  // A word may begin with a hiss: what it is shows later, and going on softly costs nothing.
  const mayBeWords = (state.hasBeenLoud || isNear(state, numbers)) && !isEcho(state);
  // What began with a click, or with a syllable that was taken for one, is waited for no longer.
  const soundedMs = state.lengthMs + lengthOf(state);
  if (!mayBeWords || soundedMs < numbers.softenAfterMs) return state.manner === 'soft' ? 'soft' : 'alert';
  const hesitates =
    agent.guard === 'none' &&
    state.kind === 'speech' &&
    isNear(state, numbers) &&
    state.manner !== 'paused' &&
    state.pausedMs < longestPause(state) &&
    silentMs < 3 * frameMs &&
    !state.isFading &&
    agent.heardMs >= numbers.agentBeganMs &&
    lengthOf(state) >= numbers.hesitateAfterMs;
  return hesitates ? 'paused' : 'soft';
}

/**
 * Somebody may still want the word. What turns out to be muffled only now ends no pause: words of a sentence are so for a moment,
 * and who goes on for that and stops again stutters.
 */
function mayPauseOn(state: TurnState, nowMs: number, { resumeAfterMs }: TurnNumbers): boolean {
  const { kind, pausedSinceMs, nearMs } = state;
  if (pausedSinceMs === undefined || kind === 'noise') return false;
  return nowMs - nearMs < resumeAfterMs && nowMs - pausedSinceMs < longestPause(state);
}

function longestPause({ thereUntilMs }: TurnState): number {
  return thereUntilMs === undefined ? longestUnnoticedPauseMs : longestPauseMs;
}
