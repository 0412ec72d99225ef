// Makes turns of the caller out of what recognition guesses: a turn begins with the caller's first real word and always ends.
import { randomUUID } from 'node:crypto';
import type { AgentSpeech } from './agent-speech.ts';
import { findCallerStart } from './echo.ts';
import { findWords } from './words.ts';

/** Recognition owes a phrase for its guesses; if it was lost, the last guess has to do, or the caller waits forever. */
const lostPhraseMs = 5_000;
/** Behind an echo, the last word of a guess is often half a word of it. */
const leastGuessedWords = 2;

/** Said while listening, not to be answered: they do not stop an agent who is speaking. */
const fillers = new Set('uh um uhm hm hmm mm mmm mhm mhmm er erm ah eh oh huh uhhuh'.split(' '));

export type CallerTurnEvent =
  | { type: 'started'; turnId: string }
  | { type: 'guessed'; turnId: string; text: string }
  | { type: 'finished'; turnId: string; text: string }
  /** What began was no speech, or the agent's own. */
  | { type: 'dismissed'; turnId: string };

export interface CallerTurnsOptions {
  /** Comes back over the line, and is not the caller's. */
  readonly agent: Pick<AgentSpeech, 'words' | 'isAudible'>;
  onEvent(event: CallerTurnEvent): void;
}

export class CallerTurns {
  readonly #options: CallerTurnsOptions;
  #turnId: string | undefined;
  #guess = '';
  #replaced: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CallerTurnsOptions) {
    this.#options = options;
  }

  get isSpeaking(): boolean {
    return this.#turnId !== undefined;
  }

  /** `agoMs`: since the phrase began. */
  guess(text: string, agoMs: number): void {
    const words = this.#takeEcho(text, agoMs);
    const isEcho = words !== text && findWords(words).length < leastGuessedWords;
    if (!this.#turnId && (isEcho || !hasSubstance(words))) return;
    this.#guess = words;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#finishWithGuess(), lostPhraseMs);
    this.#options.onEvent({ type: 'guessed', turnId: this.#begin(), text: words });
  }

  finish(text: string, agoMs: number): void {
    const words = this.#takeEcho(text, agoMs);
    if (simplify(text) === this.#replaced) return;
    const isListening = this.#options.agent.isAudible && !this.#turnId && !hasSubstance(words);
    if (isListening || findWords(words).length === 0) this.dismiss();
    else this.#end(words);
  }

  /** Sound without words. */
  dismiss(): void {
    const turnId = this.#turnId;
    if (!turnId) return;
    this.#forget();
    this.#options.onEvent({ type: 'dismissed', turnId });
  }

  /** Idempotent. */
  close(): void {
    this.#forget();
  }

  #begin(): string {
    if (this.#turnId) return this.#turnId;
    this.#turnId = randomUUID();
    this.#replaced = undefined;
    this.#options.onEvent({ type: 'started', turnId: this.#turnId });
    return this.#turnId;
  }

  #end(text: string): void {
    const turnId = this.#begin();
    this.#forget();
    this.#options.onEvent({ type: 'finished', turnId, text });
  }

  /** The phrase may still come, late: it is the same turn. */
  #finishWithGuess(): void {
    const text = this.#guess;
    this.#end(text);
    this.#replaced = simplify(text);
  }

  /** What of a phrase is the caller's. */
  #takeEcho(text: string, agoMs: number): string {
    return text.slice(findCallerStart(text, performance.now() - agoMs, this.#options.agent.words));
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#turnId = undefined;
  }
}

const simplify = (text: string): string =>
  findWords(text)
    .map(({ word }) => word)
    .join(' ');

/** Two letters, a digit, or one sign of a script without letters; and not only "uh" and "mhm". */
export function hasSubstance(text: string): boolean {
  const words = findWords(text.replaceAll('-', ''));
  return /\p{L}.*\p{L}|\p{N}|\p{Lo}/u.test(text) && words.some(({ word }) => !fillers.has(word));
}
