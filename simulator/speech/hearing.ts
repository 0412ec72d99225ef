// What the simulated recognition knows by ear: whole phrases, and their beginnings while they are still being said.
import { openPhraseBook, type PhraseBook, type PhraseSampleRate } from '../voice/phrase-book.ts';
import { type Speak, speechSampleRate } from '../voice/speech.ts';

/** How much of a phrase a guess is made from: the service's first guess comes after about half a second of speech. */
export const guessAfterMs: readonly number[] = [500, 900, 1300, 1700, 2100, 2500, 3000, 3500, 4000];

interface Beginning {
  readonly afterMs: number;
  readonly book: PhraseBook;
}

export class Hearing {
  readonly #phrases: PhraseBook;
  readonly #beginnings: readonly Beginning[];

  constructor(phrases: PhraseBook, beginnings: readonly Beginning[]) {
    this.#phrases = phrases;
    this.#beginnings = beginnings;
  }

  /** One whole utterance. */
  findPhrase(samples: Int16Array, sampleRate: PhraseSampleRate): string | undefined {
    return this.#phrases.recognize(samples, sampleRate)?.phrase;
  }

  /** The words so far of an utterance that is `afterMs` old. */
  findWords(samples: Int16Array, sampleRate: PhraseSampleRate, afterMs: number): string | undefined {
    return this.#beginnings.find((beginning) => beginning.afterMs === afterMs)?.book.recognize(samples, sampleRate)
      ?.phrase;
  }
}

export async function openHearing(phrases: readonly string[], speak: Speak): Promise<Hearing> {
  const spoken = await Promise.all(phrases.map(async (phrase) => ({ phrase, samples: trim(await speak(phrase)) })));
  const beginnings = guessAfterMs.map(async (afterMs): Promise<Beginning> => {
    const length = (afterMs / 1000) * speechSampleRate;
    const known = new Map<string, Int16Array>();
    for (const { phrase, samples } of spoken) {
      if (samples.length > length) known.set(cutWords(phrase, length / samples.length), samples.subarray(0, length));
    }
    return { afterMs, book: await openPhraseBook([...known.keys()], async (words) => known.get(words)!) };
  });
  return new Hearing(await openPhraseBook(phrases, speak), await Promise.all(beginnings));
}

/** Guesses come without capitals and full stops. One word at least. */
function cutWords(phrase: string, share: number): string {
  const words = phrase
    .toLowerCase()
    .replace(/[.,!?;:]/g, '')
    .split(' ');
  return words.slice(0, Math.max(1, Math.round(words.length * share))).join(' ');
}

function trim(samples: Int16Array): Int16Array {
  const audible = 300;
  const first = samples.findIndex((sample) => Math.abs(sample) > audible);
  return samples.subarray(Math.max(0, first), samples.findLastIndex((sample) => Math.abs(sample) > audible) + 1);
}
