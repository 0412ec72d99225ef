// What is wrong in a world that was played, by one of the rules.
import type { WorldRecord } from './world-record.ts';

export interface Violation {
  /** By the name of the rule. */
  readonly rule: string;
  readonly what: string;
  /** Of the call, by its number. */
  readonly number?: string;
  readonly atMs?: number;
  /** What was on both wires around it. */
  readonly wires?: readonly string[];
}

export interface Rule {
  readonly name: string;
  find(world: WorldRecord): Omit<Violation, 'rule'>[];
}
