// What happened in a conversation from one line of the caller to the next.
import type { LiveMessage } from '../../shared/call/live-message.ts';
import { simplifyWords } from '../chat/spoken-words.ts';
import type { Expectation } from './scenario.ts';

export class Exchange {
  /** What the caller said; undefined before the first line. */
  readonly line: string | undefined;
  /** By the caller's ear. */
  isAnswered = false;
  readonly #heard: string[] = [];
  readonly #said: string[] = [];
  readonly #used: string[] = [];
  readonly #noted: string[] = [];

  constructor(line?: string) {
    this.line = line;
  }

  take(message: LiveMessage): void {
    if (message.type === 'transcript' && message.final) {
      // Of what was interrupted nobody knows how it would have gone on.
      if (message.role === 'caller') this.#heard.push(message.text);
      else if (!message.interrupted) this.#said.push(message.text);
    }
    if (message.type !== 'event') return;
    const { event, details } = message;
    if (event === 'tool-called' && details.ok === true) this.#used.push(String(details.name));
    if (event === 'note-taken') this.#noted.push(String(details.text));
  }

  meets(expectation: Expectation): boolean {
    if ('says' in expectation) return includes(this.#said, expectation.says);
    if ('notes' in expectation) return includes(this.#noted, expectation.notes);
    return this.#used.includes(expectation.uses);
  }

  describeInstead(expectation: Expectation): string {
    if ('says' in expectation) return `it said ${quote(this.#said)}`;
    if ('notes' in expectation) return `it noted ${quote(this.#noted)}`;
    return `it used ${this.#used.join(', ') || 'nothing'}`;
  }

  /** Whether the model took the caller's line for what it is. */
  get isUnderstood(): boolean {
    return this.line === undefined || includes(this.#heard, this.line);
  }

  get heard(): string {
    return quote(this.#heard);
  }
}

function quote(texts: readonly string[]): string {
  const spoken = texts.filter((text) => text !== '');
  return spoken.length === 0 ? 'nothing' : spoken.map((text) => `"${text}"`).join(', ');
}

/** Case and punctuation aside; a reply may come in several turns. */
function includes(texts: readonly string[], words: string): boolean {
  return ` ${simplifyWords(texts.join(' '))} `.includes(` ${simplifyWords(words)} `);
}
