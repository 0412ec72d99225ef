// What a sound of the caller's side is, as far as both ears tell so far: near or far, for us or not, or the agent's own. Pure.
import type { BackchannelSound } from '../../../shared/call/call-event.ts';
import type { TurnNumbers } from './turn-numbers.ts';
import type { TurnState } from './turn-state.ts';

/** So many sounds into its words that no service took for a voice, and the line is one that gives the agent's own voice back. */
const fewestEchoes = 2;
const latestEchoMs = 1_000;
/** A line gives everything back at one level, and words have loud and soft ones. */
const louderThanEchoDb = 4;
/** What is shorter has no treble because of its vowel. */
const leastMuffledMs = 400;
/** What is said to somebody else for the third time in a row is said to us; for the second, where nobody else speaks. */
const mostAsides = 2;
const mostAsidesInSilence = 1;

export function lengthOf({ beganMs, heardMs }: TurnState): number {
  return heardMs - beganMs;
}

/** As loud as the caller, as far as that is known. */
export function isNear(state: TurnState, { faintDb }: TurnNumbers): boolean {
  const { levelDb, recentDb, isHeardHere, isCatchingUp } = state;
  // How loud the line is now tells nothing of what was said before.
  if (isCatchingUp && !isHeardHere) return true;
  // What the service makes out where there is so little sound is no caller who is known to be louder.
  return (isHeardHere ? levelDb : recentDb) > faintDb;
}

/** A voice from further away, or not meant for the phone. */
export function isAside(state: TurnState, numbers: TurnNumbers): boolean {
  if (state.asides >= (state.agentLeftMs > 0 ? mostAsides : mostAsidesInSilence)) return false;
  // What the room does while its words are waited for is no part of it.
  if (state.hasBeenNear) return false;
  const isMuffled = state.isMuffled && Math.max(state.lengthMs, lengthOf(state)) >= leastMuffledMs;
  return isMuffled || !isNear(state, numbers);
}

/** A voice, near by. */
export function isClear(state: TurnState, numbers: TurnNumbers): boolean {
  return state.isHeardHere && isNear(state, numbers) && state.kind === 'speech';
}

/** Of a line that does so, nothing is believed that the service does not hear too, and that is no louder than what came back. */
export function isEcho(state: TurnState): boolean {
  return state.echoes >= fewestEchoes && state.thereUntilMs === undefined && isAsLoudAsEchoes(state);
}

/** The first that was heard of the agent may come back so late, and what has come back once comes back again. */
export function mayBeEcho(state: TurnState): boolean {
  return (state.echoes > 0 && isAsLoudAsEchoes(state)) || state.intoAgentMs < latestEchoMs;
}

function isAsLoudAsEchoes({ levelDb, echoDb }: Pick<TurnState, 'levelDb' | 'echoDb'>): boolean {
  return levelDb <= echoDb + louderThanEchoDb;
}

export const noEcho = Object.freeze({ echoes: 0, echoDb: Number.NEGATIVE_INFINITY });

/** One more sound that nobody but our own ear heard. Voices of the room and one near by are no echo of the same words. */
export function addEcho(state: TurnState): Pick<TurnState, 'echoes' | 'echoDb'> {
  const { echoes, echoDb, levelDb } = state;
  if (!isAsLoudAsEchoes(state)) return { echoes: 1, echoDb: levelDb };
  if (levelDb < echoDb - louderThanEchoDb) return { echoes, echoDb };
  return { echoes: echoes + 1, echoDb: Math.max(echoDb, levelDb) };
}

export function nameSound(state: TurnState, numbers: TurnNumbers): BackchannelSound {
  const { says } = state.words;
  // What was under way when the line came may be words: two frames of it tell nothing.
  if (state.isHalfHeard && says === 'nothing') return 'words';
  if (says === 'hum' || (says === 'nothing' && state.kind === 'hum')) return 'hum';
  if (says === 'listening' || says === 'farewell') return 'words';
  if (isAside(state, numbers)) return 'aside';
  if (says === 'words' || says === 'stop') return 'aside';
  return state.kind === 'speech' && state.isHeardHere ? 'words' : 'noise';
}
