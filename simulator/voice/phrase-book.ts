// Hears which of the phrases it knows was said, from the sound alone; what it does not know it does not guess.
import { type Cepstra, coefficients, createCepstra, measureBands } from './cepstra.ts';
import { learnSound } from './known-sound.ts';
import type { Speak } from './speech.ts';

export interface Recognition {
  readonly phrase: string;
  /** 1 for the very same sound, 0 at the edge of what is accepted. */
  readonly confidence: number;
}

export type PhraseSampleRate = 8000 | 16000 | 24000;

/**
 * Mean distance along the best alignment that still counts as the phrase. Measured over 30 phrases: mu-law 0.09, 24 kHz with
 * silence around 0.5, noise at 20 dB 0.8; the nearest other phrase 1.05, a tone 1.16, a sentence not in the book 1.55.
 */
const acceptedDistance = 0.92;
/** A phrase said at another speed, or with a frame lost in it. A phrase cut short is none. */
const longestStretch = 1.1;
/** Steps that either side may begin or end late: where the silence is cut differs with noise. */
const looseEnds = 5;

export interface KnownPhrase {
  readonly phrase: string;
  readonly cepstra: Cepstra;
}

export class PhraseBook {
  readonly #known: readonly KnownPhrase[];

  constructor(known: readonly KnownPhrase[]) {
    this.#known = known;
  }

  get phrases(): string[] {
    return [...new Set(this.#known.map(({ phrase }) => phrase))];
  }

  /** One utterance, with any silence around it. */
  recognize(samples: Int16Array, sampleRate: PhraseSampleRate): Recognition | undefined {
    const heard = createCepstra(measureBands(samples, sampleRate));
    if (!heard) return undefined;
    let best: { phrase: string; distance: number } | undefined;
    for (const { phrase, cepstra } of this.#known) {
      const limit = best?.distance ?? acceptedDistance;
      const distance = align(heard, cepstra, limit);
      if (distance < limit) best = { phrase, distance };
    }
    return best && { phrase: best.phrase, confidence: 1 - best.distance / acceptedDistance };
  }
}

/** Speaks each phrase once to learn how it sounds. */
export async function openPhraseBook(phrases: readonly string[], speak: Speak): Promise<PhraseBook> {
  const known = await Promise.all(
    [...new Set(phrases)].map(async (phrase) => {
      const sound = learnSound(await speak(phrase));
      return sound.createCepstra().map((cepstra) => ({ phrase, cepstra }));
    }),
  );
  return new PhraseBook(known.flat());
}

/** Mean distance of the two along their best alignment in time; Infinity when it is over the limit, or their lengths differ too much. */
export function align(a: Cepstra, b: Cepstra, limit: number): number {
  const [n, m] = [a.frames, b.frames];
  if (n > m * longestStretch + looseEnds || m > n * longestStretch + looseEnds) return Number.POSITIVE_INFINITY;
  const reach = Math.max(10, Math.round(0.12 * Math.max(n, m)));
  let above = new Float64Array(m + 1).fill(Number.POSITIVE_INFINITY);
  let row = new Float64Array(m + 1);
  above.fill(0, 0, looseEnds + 1);
  let best = Number.POSITIVE_INFINITY;
  for (let i = 1; i <= n; i++) {
    row.fill(Number.POSITIVE_INFINITY);
    if (i <= looseEnds) row[0] = 0;
    const centre = (i * m) / n;
    const last = Math.min(m, Math.ceil(centre + reach));
    let least = row[0]!;
    for (let j = Math.max(1, Math.floor(centre - reach)); j <= last; j++) {
      const cost = distance(a.rows, i - 1, b.rows, j - 1);
      // A diagonal step moves both on and so weighs two: every path then weighs as much as the two are long.
      row[j] = Math.min(above[j - 1]! + 2 * cost, above[j]! + cost, row[j - 1]! + cost);
      least = Math.min(least, row[j]!);
    }
    if (i >= n - looseEnds) best = Math.min(best, row[m]!);
    if (i === n) for (let j = m - looseEnds; j <= m; j++) if (j > 0) best = Math.min(best, row[j]!);
    if (least > limit * (n + m)) return Number.POSITIVE_INFINITY;
    [above, row] = [row, above];
  }
  return best / (n + m);
}

function distance(a: Float32Array, i: number, b: Float32Array, j: number): number {
  let sum = 0;
  for (let k = 0, p = i * coefficients, q = j * coefficients; k < coefficients; k++, p++, q++)
    sum += (a[p]! - b[q]!) ** 2;
  return Math.sqrt(sum);
}
