// How long a chat model may think and write, which its answers teach where its name does not tell: thoughts and words share one limit.
import { limitTokens, type ReasoningEffort } from './reasoning.ts';

/** About two minutes of speech. */
const writtenTokens = 800;
/** Where a wish is refused, the one that other models of the family have in its place. */
const insteadOf: Readonly<Partial<Record<ReasoningEffort, ReasoningEffort>>> = { none: 'minimal', minimal: 'low' };
/** Room for more thought. A service's quota counts all that is asked for, so nobody asks for it before it is needed. */
const moreThan: Readonly<Record<ReasoningEffort, ReasoningEffort>> = {
  none: 'low',
  minimal: 'low',
  low: 'medium',
  medium: 'high',
  high: 'high',
};

export interface BudgetParameters {
  readonly max_completion_tokens: number;
  readonly reasoning_effort?: ReasoningEffort;
}

/** Of one deployment, in all calls: what one answer taught is known to the next. */
export class AnswerBudget {
  /** Undefined for a model that takes no such wish. */
  #effort: ReasoningEffort | undefined;
  #room: ReasoningEffort | undefined;

  constructor(effort: ReasoningEffort | undefined) {
    this.#effort = effort;
    this.#room = effort;
  }

  get parameters(): BudgetParameters {
    return {
      max_completion_tokens: limitTokens(writtenTokens, this.#room),
      ...(this.#effort && { reasoning_effort: this.#effort }),
    };
  }

  /** The service refused this wish: another one, and at last none, is sent from now on. False if it was not ours. */
  refuse(effort: ReasoningEffort | undefined): boolean {
    if (effort === undefined) return false;
    // Of two answers under way at once the second has nothing new to tell.
    if (this.#effort === effort) {
      this.#effort = insteadOf[effort];
      this.#room = this.#effort;
    }
    return true;
  }

  /** All was used up before the first word, and so for thoughts: there is more room from now on. */
  usedUpByThoughts(): void {
    this.#room = moreThan[this.#room ?? 'none'];
  }
}
