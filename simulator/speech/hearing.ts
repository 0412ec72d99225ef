// What the simulated recognition knows by ear: whole phrases, and their beginnings while they are still being said.
import { type KnownSound, learnSound } from '../voice/known-sound.ts';
import { openPhraseBook, PhraseBook, type PhraseSampleRate } from '../voice/phrase-book.ts';
import type { Speak } from '../voice/speech.ts';

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
  const spoken = await Promise.all(phrases.map(async (phrase) => ({ phrase, sound: learnSound(await speak(phrase)) })));
  const beginnings = guessAfterMs.map((afterMs): Beginning => {
    const known = new Map<string, KnownSound>();
    for (const { phrase, sound } of spoken) {
      if (sound.durationMs > afterMs) known.set(cutWords(phrase, afterMs / sound.durationMs), sound);
    }
    const cut = [...known].flatMap(([phrase, sound]) =>
      sound.createCepstra(afterMs).map((cepstra) => ({ phrase, cepstra })),
    );
    return { afterMs, book: new PhraseBook(cut) };
  });
  return new Hearing(await openPhraseBook(phrases, speak), beginnings);
}

/** Guesses come without capitals and full stops. One word at least. */
function cutWords(phrase: string, share: number): string {
  const words = phrase
    .toLowerCase()
    .replace(/[.,!?;:]/g, '')
    .split(' ');
  return words.slice(0, Math.max(1, Math.round(words.length * share))).join(' ');
}
