// What came of a call, as a model judged it from its turns.

export const satisfactions = ['satisfied', 'neutral', 'dissatisfied', 'unknown'] as const;
export type Satisfaction = (typeof satisfactions)[number];

export type OutcomeValue = string | number | boolean | readonly string[];

/** One thing that was found out. Null: the call does not tell. */
export interface Finding<Value = OutcomeValue> {
  readonly value: Value | null;
  /** When the turns were spoken that say so (Unix time in ms). Empty where there is no value. */
  readonly turns: readonly number[];
}

export interface CallOutcome {
  readonly summary: Finding<string>;
  readonly satisfaction: Finding<Satisfaction>;
  readonly nextAction: Finding<string>;
  /** The agent's own, by their names. */
  readonly fields: Readonly<Record<string, Finding>>;
}
