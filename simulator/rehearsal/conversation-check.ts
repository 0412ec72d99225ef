// Holds a conversation to its scenario while it is played: tells what came as expected as soon as it came, and what did not.
import type { LiveMessage } from '../../shared/call/live-message.ts';
import type { PersonEvent, PersonReport } from '../caller/person-script.ts';
import { simplifyWords } from '../chat/spoken-words.ts';
import { Exchange } from './exchange.ts';
import { describeExpectation, type ExpectedFact, type Scenario } from './scenario.ts';

export interface Verdict {
  readonly ok: boolean;
  readonly text: string;
  /** Where it is written. */
  readonly line: number | undefined;
}

export interface ConversationCheckOptions {
  readonly scenario: Scenario;
  /** What the stand-in models know: such a line of the caller has to be understood. */
  readonly known: readonly string[];
  readonly tell: (verdict: Verdict) => void;
}

export class ConversationCheck {
  readonly #scenario: Scenario;
  readonly #known: ReadonlySet<string>;
  readonly #tell: (verdict: Verdict) => void;
  #pending: readonly ExpectedFact[];
  #exchange = new Exchange();
  #lines = 0;
  #pressed = '';
  #keys = '';
  #endReason: string | undefined;
  #failures = 0;

  constructor({ scenario, known, tell }: ConversationCheckOptions) {
    this.#scenario = scenario;
    this.#known = new Set(known.map(simplifyWords));
    this.#tell = tell;
    this.#pending = scenario.expected;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Whether the stand-in models know such words. */
  knows(line: string): boolean {
    return this.#known.has(simplifyWords(line));
  }

  /** What the product tells of the call. */
  hear(message: LiveMessage): void {
    if (message.type === 'status' && message.status === 'ended') this.#endReason = message.reason;
    if (message.type === 'event' && message.event === 'dtmf-received') this.#keys += String(message.details.digit);
    this.#exchange.take(message);
    for (const fact of this.#due()) {
      if (!this.#exchange.meets(fact.expectation)) continue;
      this.#pending = this.#pending.filter((other) => other !== fact);
      this.#tell({ ok: true, text: describeExpectation(fact.expectation), line: fact.line });
    }
  }

  /** What the caller does. */
  see(event: PersonEvent): void {
    if (event.type === 'agent-started') this.#exchange.isAnswered = true;
    if (event.type === 'pressed') this.#pressed += event.keys;
    if (event.type !== 'started-saying') return;
    this.#closeExchange();
    this.#exchange = new Exchange(event.text);
    this.#lines++;
  }

  /** The call is over: what did not come by now never will. A machine has nothing to report. */
  finish(caller?: Pick<PersonReport, 'outcome' | 'reason' | 'failedStep'>): void {
    const { outcome = 'finished', reason, failedStep = -1 } = caller ?? {};
    if (outcome !== 'finished') this.#fail(`the caller ${reason}`, this.#scenario.lines?.[failedStep]);
    this.#closeExchange();
    for (const { expectation, line } of this.#pending)
      this.#fail(`${describeExpectation(expectation)}: it did not come to that`, line);
    if (outcome === 'finished' && this.#keys !== this.#pressed)
      this.#fail(`the caller pressed ${this.#pressed}, and ${this.#keys || 'nothing'} arrived`);
    // Who gave up has ended the call himself.
    if (outcome !== 'timed-out') this.#checkEnd();
  }

  #due(): readonly ExpectedFact[] {
    return this.#pending.filter(({ afterLines }) => afterLines === this.#lines);
  }

  #closeExchange(): void {
    const { line, isAnswered, isUnderstood, heard } = this.#exchange;
    if (line !== undefined && isAnswered && !isUnderstood && this.knows(line))
      this.#fail(`the model did not understand "${line}": it heard ${heard}`);
    for (const { expectation, line } of this.#due())
      this.#fail(`${describeExpectation(expectation)}: ${this.#exchange.describeInstead(expectation)}`, line);
    this.#pending = this.#pending.filter(({ afterLines }) => afterLines !== this.#lines);
  }

  #checkEnd(): void {
    const { reason, line } = this.#scenario.ends;
    if (this.#endReason !== reason)
      this.#fail(`the call ends with ${reason}: it ended with ${this.#endReason ?? 'nothing that was told'}`, line);
    else if (line !== undefined) this.#tell({ ok: true, text: `the call ends with ${reason}`, line });
  }

  #fail(text: string, line?: number): void {
    this.#failures++;
    this.#tell({ ok: false, text, line });
  }
}
