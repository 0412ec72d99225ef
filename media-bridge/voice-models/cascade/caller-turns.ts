// Makes turns of the caller out of what recognition guesses: a turn begins with the first real word and always ends.
import { randomUUID } from 'node:crypto';

/** Recognition owes a phrase for its guesses; if it was lost, the last guess has to do, or the caller waits forever. */
const lostPhraseMs = 5_000;
/** An echo is told from a caller who repeats a word or two by its length. */
const leastEchoWords = 4;

/** Said while listening, not to be answered: they do not stop an agent who is speaking. */
const fillers = new Set('uh um uhm hm hmm mm mmm mhm mhmm er erm ah eh oh huh uhhuh'.split(' '));

export type CallerTurnEvent =
  | { type: 'started' }
  | { type: 'guessed'; turnId: string; text: string }
  | { type: 'finished'; turnId: string; text: string }
  /** What began was no speech, or the agent's own. */
  | { type: 'dismissed' };

export interface CallerTurnsOptions {
  /** What the agent said last, if it may still be heard; empty if the line is silent. */
  agentWords(): string;
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

  guess(text: string): void {
    if (!this.#turnId && !hasSubstance(text)) return;
    this.#guess = text;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#finishWithGuess(), lostPhraseMs);
    this.#options.onEvent({ type: 'guessed', turnId: this.#begin(), text });
  }

  finish(text: string): void {
    if (simplify(text) === this.#replaced) return;
    const agentWords = this.#options.agentWords();
    const isListening = agentWords !== '' && !this.#turnId && !hasSubstance(text);
    if (isListening || isEcho(text, agentWords)) this.dismiss();
    else this.#end(text);
  }

  /** Sound without words. */
  dismiss(): void {
    if (!this.#turnId) return;
    this.#forget();
    this.#options.onEvent({ type: 'dismissed' });
  }

  /** Idempotent. */
  close(): void {
    this.#forget();
  }

  #begin(): string {
    if (this.#turnId) return this.#turnId;
    this.#turnId = randomUUID();
    this.#replaced = undefined;
    this.#options.onEvent({ type: 'started' });
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

  #forget(): void {
    clearTimeout(this.#timer);
    this.#turnId = undefined;
  }
}

const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .replaceAll("'", '')
    .match(/[\p{L}\p{N}]+/gu) ?? [];
const simplify = (text: string): string => wordsOf(text).join(' ');

/** Two letters, a digit, or one sign of a script without letters; and not only "uh" and "mhm". */
export function hasSubstance(text: string): boolean {
  const words = wordsOf(text.replaceAll('-', ''));
  return /\p{L}.*\p{L}|\p{N}|\p{Lo}/u.test(text) && words.some((word) => !fillers.has(word));
}

function isEcho(text: string, agentWords: string): boolean {
  const words = wordsOf(text);
  return words.length >= leastEchoWords && ` ${simplify(agentWords)} `.includes(` ${words.join(' ')} `);
}
