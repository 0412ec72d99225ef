// The keys of a call: writes them down, and tells the model of a whole number; what nobody may read is told to the model alone.
import type { AgentProfile } from '../../shared/agents/agent.ts';
import type { CallJournal } from './call-journal.ts';
import { KeyPresses, type KeyRules } from './key-presses.ts';

/** In place of a digit that is not written down. */
export const hiddenDigit = '•';

export interface KeyEntryOptions {
  readonly keys: AgentProfile['keys'];
  readonly journal: Pick<CallJournal, 'state' | 'record' | 'hide'>;
  /** To the model, which answers. */
  tell(text: string): void;
}

export class KeyEntry {
  readonly #options: KeyEntryOptions;
  readonly #presses: KeyPresses;

  constructor(options: KeyEntryOptions) {
    this.#options = options;
    this.#presses = new KeyPresses(
      () => this.#readRules(),
      (keys) => this.#take(keys),
    );
  }

  /** Keys were pressed, and more may follow. */
  get isPending(): boolean {
    return this.#presses.isPending;
  }

  press(digit: string): void {
    const { journal } = this.#options;
    const isHidden = journal.state.keysAsked?.sensitive === true;
    journal.record({ type: 'dtmf-received', digit: isHidden ? hiddenDigit : digit });
    this.#presses.press(digit);
  }

  /** Idempotent. What was pressed last is told to nobody. */
  close(): void {
    this.#presses.close();
  }

  #readRules(): KeyRules {
    const { keys, journal } = this.#options;
    const question = keys.questions[journal.state.keysAsked?.question ?? ''];
    return {
      pauseMs: keys.pause_seconds * 1000,
      endKey: this.#endKey,
      maxKeys: question?.digits ?? keys.max_digits,
    };
  }

  get #endKey(): string | undefined {
    const { end_key: endKey } = this.#options.keys;
    return endKey === 'none' ? undefined : endKey;
  }

  #take(pressed: string): void {
    const { journal, tell } = this.#options;
    const asked = journal.state.keysAsked;
    if (!asked) {
      tell(`The caller pressed the ${pressed.length > 1 ? 'keys' : 'key'} ${pressed}.`);
      return;
    }
    const keys = this.#endKey !== undefined && pressed.endsWith(this.#endKey) ? pressed.slice(0, -1) : pressed;
    journal.record({ type: 'keys-entered', question: asked.question, count: keys.length });
    if (!asked.sensitive) {
      tell(`The caller keyed in ${keys} (${asked.question}).`);
      return;
    }
    journal.hide(keys);
    tell(
      `The caller keyed in ${keys} (${asked.question}). This is confidential: use it where it is needed, and never say any of these digits.`,
    );
  }
}
