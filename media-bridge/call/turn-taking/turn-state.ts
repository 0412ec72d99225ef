// Whose turn it is, as far as the caller's side tells: the state, what changes it, and what is done about it.
import type { BackchannelSound } from '../../../shared/call/call-event.ts';
import type { Manner } from '../../audio/manner.ts';
import type { HeardFrame } from './caller-ear.ts';
import { noWords, type WordEvidence } from './word-evidence.ts';

/** `overlap`: the caller makes a sound while the agent speaks; `faint`: while nobody does, and it may be nothing; `judging`: it is over,
 *  and undecided; `taken`: the caller has the word; `resting`: a turn ended in a word that ends no sentence. */
export type TurnPhase = 'idle' | 'overlap' | 'faint' | 'judging' | 'taken' | 'resting';

export interface TurnState {
  readonly phase: TurnPhase;
  /** Of the sound, by both ears. */
  readonly beganMs: number;
  readonly heardMs: number;
  /** When it was last as loud as a word of the caller's. */
  readonly nearMs: number;
  /** In a row; the first is a click. */
  readonly soundFrames: number;
  /** Our own ear heard any of it. */
  readonly isHeardHere: boolean;
  /** It was under way before our own ear knew the room: what that makes of it counts for nothing. */
  readonly isHalfHeard: boolean;
  /** As loud as the caller is. */
  readonly hasBeenLoud: boolean;
  /** It was there, far away, before the caller spoke over it. */
  readonly hasComeNear: boolean;
  readonly kind: HeardFrame['kind'];
  readonly isMuffled: boolean;
  readonly levelDb: number;
  /** It dies away: whoever has said a word ends it so, and between the words of a sentence it is a moment. */
  readonly isFading: boolean;
  /** Of the line of late, whatever is in it, against the caller's own voice. */
  readonly recentDb: number;
  /** The service is a new one: what it hears and our own ear does not was said before, and was kept for it. */
  readonly isCatchingUp: boolean;
  /** The service hears the caller now. */
  readonly isHeardThere: boolean;
  /** When it heard them last; undefined: it heard nothing of this. */
  readonly thereUntilMs: number | undefined;
  readonly turnIds: readonly string[];
  readonly words: WordEvidence;
  readonly areWordsFinal: boolean;
  /** Of the agent's speech, when the sound began: infinite while more of it is being made. */
  readonly agentLeftMs: number;
  /** How long that had been heard then: infinite while the agent was silent. */
  readonly intoAgentMs: number;
  /** Since when the sound is over. */
  readonly overSinceMs: number;
  readonly lengthMs: number;
  /** A part of it that is over was a voice, near by. */
  readonly hasBeenNear: boolean;
  readonly manner: Manner;
  readonly pausedSinceMs: number | undefined;
  readonly pausedMs: number;
  /** The agent was stopped for it, or kept from beginning: an answer is due, whatever this sound is. */
  readonly hasCut: boolean;
  /** Sounds that were taken for somebody else's, one after the other: whoever goes on means us. */
  readonly asides: number;
  /** Since when words that were taken for somebody else's have no answer, said while nobody else spoke: they may have been meant for us. */
  readonly doubtedSinceMs: number | undefined;
  /** Sounds into the agent's words that no service took for anything, in a row: what comes back of its own voice. */
  readonly echoes: number;
  /** The loudest of them, against the caller's own voice. */
  readonly echoDb: number;
  /** For how long the agent has been heard, and nothing else. */
  readonly aloneMs: number;
}

export const quietTurn: TurnState = Object.freeze({
  phase: 'idle',
  beganMs: 0,
  heardMs: 0,
  nearMs: 0,
  soundFrames: 0,
  isHeardHere: false,
  isHalfHeard: false,
  hasBeenLoud: false,
  hasComeNear: false,
  kind: 'speech',
  isMuffled: false,
  levelDb: 0,
  isFading: false,
  recentDb: 0,
  isCatchingUp: false,
  isHeardThere: false,
  thereUntilMs: undefined,
  turnIds: [],
  words: noWords,
  areWordsFinal: false,
  agentLeftMs: 0,
  intoAgentMs: Number.POSITIVE_INFINITY,
  overSinceMs: 0,
  lengthMs: 0,
  hasBeenNear: false,
  manner: 'attentive',
  pausedSinceMs: undefined,
  pausedMs: 0,
  hasCut: false,
  asides: 0,
  doubtedSinceMs: undefined,
  echoes: 0,
  echoDb: Number.NEGATIVE_INFINITY,
  aloneMs: 0,
});

/** What is known at this moment of the other side. */
export interface AgentMoment {
  readonly nowMs: number;
  /** Something of its side is heard, or would be but for a pause. */
  readonly isAudible: boolean;
  /** For how long, without a gap. */
  readonly heardMs: number;
  /** Until its natural end. */
  readonly leftMs: number;
  /** An answer is being made, and nothing of it has sounded. */
  readonly owesReply: boolean;
  /** `heard-out`: it is saying what must be heard; `goodbye`: the call ends with these words. */
  readonly guard: 'none' | 'heard-out' | 'goodbye';
}

export type TurnInput =
  | ({ readonly type: 'frame' } & HeardFrame)
  | { readonly type: 'service-started' | 'service-stopped'; readonly turnId?: string | undefined }
  /** Another one hears the caller from here on; `holdsTurn`: also what was said before, and nobody has understood. */
  | { readonly type: 'service-lost'; readonly holdsTurn: boolean }
  | { readonly type: 'words'; readonly evidence: WordEvidence; readonly isFinal: boolean }
  /** Of the last turn, told when it was already being answered. */
  | { readonly type: 'late-words'; readonly evidence: WordEvidence };

export type TurnAction =
  | { readonly type: 'manner'; readonly manner: Manner }
  /** A sound begins, for those who measure it. */
  | { readonly type: 'listen' }
  /** The agent stops, or does not begin: the caller has the word. */
  | { readonly type: 'take' }
  /** The turn is over; `restedMs`: for so long it was waited whether they go on. */
  | { readonly type: 'reply'; readonly restedMs: number }
  /** It was none. */
  | {
      readonly type: 'drop';
      readonly sound: BackchannelSound;
      readonly lengthMs: number;
      readonly pausedMs: number;
      /** The service heard something too. */
      readonly isNoticed: boolean;
      /** What it said may be asked for once more. */
      readonly isDoubted: boolean;
    }
  /** It was one after all: nobody said more, and whoever said it waits. */
  | { readonly type: 'reconsider' };
