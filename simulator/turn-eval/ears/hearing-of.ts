// What one ear makes of one utterance: when it notices it, and the words it takes it for. Decided once, by the seed.
import { SeededRandom } from '../../virtual-time/seeded-random.ts';
import type { TrueCall, Uttered } from '../callers/caller-truth.ts';
import { actFor, type Word } from '../callers/utterance.ts';
import { drawHumHeard, drawNoticed, drawOnsetMs, drawWordDelayMs, drawWordsEndMs, mishear } from './ear-habits.ts';

export interface Heard {
  readonly isNoticed: boolean;
  /** Of each stretch of voice: from its beginning until it is noticed. */
  readonly onsetsMs: readonly number[];
  readonly words: readonly Word[];
  readonly wordDelayMs: number;
  /** Of each stretch: how long after it the turn is over where words decide that; undefined: more of them are waited for. */
  readonly wordsEndMs: readonly (number | undefined)[];
}

const noisyDb = 15;

export function hearUttered(uttered: Uttered, { snrDb, wordErrors }: TrueCall, threshold: number): Heard {
  const random = new SeededRandom(uttered.seed);
  const { kind, words, voiced } = uttered.utterance;
  const isNoticed = drawNoticed(random, kind);
  const isNoisy = snrDb < noisyDb;
  const onsetsMs = voiced.map(() => drawOnsetMs(random, threshold, isNoisy));
  const wordDelayMs = drawWordDelayMs(random);
  const isHum = actFor(kind) === 'backchannel' && words.length === 1 && /^(mm|hm|uh)/i.test(words[0]!.text);
  const heard = isHum && !drawHumHeard(random) ? [] : words;
  return {
    isNoticed,
    onsetsMs,
    wordDelayMs,
    words: heard.map(({ text, toMs }) => ({ text: mishear(text, random, wordErrors), toMs })),
    // A hum is no sentence, so that detectors that go by words wait for more; nor is what breaks off in its midst.
    wordsEndMs: voiced.map((_, n) => drawWordsEndMs(random, n === voiced.length - 1 && heard.length > 0 && !isHum)),
  };
}
