// How long everything takes that decides whose turn it is: one table, and what an agent and a caller change in it.
import type { TurnRules } from '../../../shared/agents/turn-rules.ts';
import type { SoundKind } from './sound-profile.ts';

/** In ms, counted from where the caller's sound began unless it says otherwise. docs/turn-taking.md says why. */
export interface TurnNumbers {
  readonly softenAfterMs: number;
  readonly hesitateAfterMs: number;
  /** dB against all of a sound: what is softer dies away. */
  readonly fadesDb: number;
  /** By what it sounds like. */
  readonly stopAfterMs: Readonly<Record<SoundKind, number>>;
  /** Where the words so far are none but a listener's. */
  readonly stopListenerAfterMs: number;
  /** Of silence: pauses within words are shorter, and a gap that the agent leaves for nothing is long. */
  readonly resumeAfterMs: 120;
  /** Of silence: what comes later is another sound. */
  readonly soundEndsAfterMs: number;
  /** Where nobody else speaks this much is a turn, unless it is faint or a noise. */
  readonly turnAfterMs: number;
  /** From the end of the sound: words that are not there by then are not waited for, while the agent speaks and while it is silent. */
  readonly wordsWithinMs: number;
  readonly wordsInSilenceWithinMs: number;
  /** From the end of a turn whose last word ends no sentence: the caller may go on. */
  readonly goesOnWithinMs: number;
  /** From the end of words that were said to somebody else, it seems: who says nothing more for so long may wait for an answer. */
  readonly reconsidersAfterMs: number;
  /** Nobody is listened to who began so soon after the agent did: both began at once. */
  readonly agentBeganMs: number;
  /** What is said into the end of a reply is the answer to it. */
  readonly agentEndsMs: number;
  /** dB against the caller's own voice: below it somebody else speaks. */
  readonly faintDb: number;
  readonly minimumWords: number;
  readonly takesBackchannels: boolean;
}

const eagernessMs: Readonly<Record<TurnRules['eagerness'], number>> = { high: -100, medium: 0, low: 200 };

const usual: TurnNumbers = {
  softenAfterMs: 60,
  hesitateAfterMs: 380,
  fadesDb: -6,
  stopAfterMs: { speech: 600, hum: 780, muffled: 2_500, noise: 2_500 },
  stopListenerAfterMs: 800,
  resumeAfterMs: 120,
  soundEndsAfterMs: 260,
  turnAfterMs: 240,
  wordsWithinMs: 1_500,
  wordsInSilenceWithinMs: 700,
  goesOnWithinMs: 800,
  reconsidersAfterMs: 3_000,
  agentBeganMs: 300,
  agentEndsMs: 1_000,
  faintDb: -6,
  minimumWords: 0,
  takesBackchannels: true,
};

/** Of a service that tells no words before a turn is over: nothing but how it sounds stops the agent for a word as short as a nod. */
const withoutWords = { hesitateAfterMs: 360, fadesDb: -5 } as const;

export interface LearnedOfCall {
  /** How much longer this caller's backchannels are than people's. */
  readonly slackMs: number;
  /** The service tells words before a turn is over. */
  readonly tellsWords: boolean;
}

export function createTurnNumbers(
  rules: Pick<TurnRules, 'eagerness' | 'backchannels' | 'minimum_words' | 'adapts'>,
  { slackMs, tellsWords }: LearnedOfCall,
): TurnNumbers {
  const later = eagernessMs[rules.eagerness] + (rules.adapts ? slackMs : 0);
  const { stopAfterMs } = usual;
  const { hesitateAfterMs, fadesDb } = tellsWords ? usual : withoutWords;
  const { backchannels: takesBackchannels, minimum_words: minimumWords } = rules;
  const speech = stopAfterMs.speech + later;
  return Object.freeze({
    ...usual,
    hesitateAfterMs: hesitateAfterMs + later,
    fadesDb,
    stopAfterMs: { ...stopAfterMs, speech, hum: takesBackchannels ? stopAfterMs.hum + later : speech },
    stopListenerAfterMs: usual.stopListenerAfterMs + later,
    minimumWords,
    takesBackchannels,
  });
}
