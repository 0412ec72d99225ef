// What the stand-in models have for a mind: rules from what was heard or read to words or a tool, and nothing learned from anywhere else.
import { openPhraseBook, type PhraseBook, type PhraseSampleRate, type Recognition } from '../voice/phrase-book.ts';
import type { Speak } from '../voice/speech.ts';
import { simplifyWords } from './spoken-words.ts';

export type BrainRule =
  | { readonly heard: string; readonly reply: string }
  | {
      readonly heard: string;
      readonly tool: {
        readonly name: string;
        readonly arguments: Readonly<Record<string, unknown>>;
        /** Said in the same answer, by the chat model only. */
        readonly says?: string;
        /** Said once the tool has answered; `{output}` is its whole answer, `{output.field}` one field of it. */
        readonly report: string;
      };
    };

export interface BrainRules {
  readonly phrases: readonly BrainRule[];
  readonly otherwise: string;
}

export type BrainAnswer =
  | { readonly kind: 'say'; readonly text: string }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly arguments: string;
      readonly says: string;
      readonly report: string;
    };

const greetingByDefault = 'Hello. How can I help you?';
const toolMissing = 'I cannot do that for you.';

export class Brain {
  readonly #rules: ReadonlyMap<string, BrainRule>;
  readonly #otherwise: string;
  readonly #book: PhraseBook;

  constructor(rules: BrainRules, book: PhraseBook) {
    this.#rules = new Map(rules.phrases.map((rule) => [simplifyWords(rule.heard), rule]));
    this.#otherwise = rules.otherwise;
    this.#book = book;
  }

  /** The words in one utterance, or undefined if it is none of the phrases of the rules. */
  hear(samples: Int16Array, sampleRate: PhraseSampleRate): Recognition | undefined {
    return this.#book.recognize(samples, sampleRate);
  }

  /** `text` is what was heard or typed; undefined is sound that was not understood. Only these tools may be called. */
  answer(text: string | undefined, toolNames: readonly string[] = []): BrainAnswer {
    const rule = text === undefined ? undefined : this.#rules.get(simplifyWords(text));
    if (!rule) return { kind: 'say', text: this.#otherwise };
    if ('reply' in rule) return { kind: 'say', text: rule.reply };
    const { name, says = '', report } = rule.tool;
    if (!toolNames.includes(name)) return { kind: 'say', text: toolMissing };
    return { kind: 'call', name, arguments: JSON.stringify(rule.tool.arguments), says, report };
  }

  /** What to say when told to speak: the words after `Say exactly:`, else those in double quotes, else a greeting. */
  follow(instructions: string): string {
    const words = /say exactly:\s*(.+)/is.exec(instructions)?.[1] ?? /["“]([^"”]+)["”]/.exec(instructions)?.[1];
    return words?.trim().replace(/^["“](.*)["”]$/s, '$1') || greetingByDefault;
  }

  /** The words of a rule's `report` with the answer of the tool filled in. */
  report(template: string, output: string): string {
    return template.replace(/\{output(?:\.(\w+))?\}/g, (_, field?: string) =>
      field ? readField(output, field) : output,
    );
  }
}

/** Speaks each phrase once to learn how it sounds. */
export async function openBrain(rules: BrainRules, speak: Speak): Promise<Brain> {
  const phrases = rules.phrases.map(({ heard }) => heard);
  return new Brain(rules, await openPhraseBook(phrases, speak));
}

function readField(output: string, field: string): string {
  try {
    const value = JSON.parse(output)?.[field];
    return value === undefined ? '' : String(value);
  } catch {
    return '';
  }
}
