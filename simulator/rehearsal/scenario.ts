// A conversation to rehearse: what the caller does, step by step, and what is expected of the agent meanwhile.
import type { CallDirection, CallEndReason } from '../../shared/call/call.ts';
import type { PersonStep } from '../caller/person-script.ts';
import { demoScenarios } from '../world/demo-scenarios.ts';

export type Expectation =
  /** Words of one of the agent's sentences that were not interrupted; case and punctuation do not matter. */
  { readonly says: string } | { readonly uses: string } | { readonly notes: string };

export interface ExpectedFact {
  /** How many lines the caller has begun by then: it has to come after the last of them and before the next one. */
  readonly afterLines: number;
  readonly expectation: Expectation;
  /** Where it is written; undefined in a scenario of the demo. */
  readonly line?: number | undefined;
}

export interface Scenario {
  readonly name: string;
  /** What "the caller …". */
  readonly title: string;
  readonly direction: CallDirection;
  /** Outbound: what the agent knows of the call. */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  /** A machine says this and beeps. */
  readonly caller: { readonly script: readonly PersonStep[] } | { readonly machine: string };
  readonly expected: readonly ExpectedFact[];
  /** Held to also where it is not written, and has no line. */
  readonly ends: { readonly reason: CallEndReason; readonly line?: number | undefined };
  /** The file it is written in, and the line of each step. */
  readonly file?: string;
  readonly lines?: readonly number[];
}

export function nameCaller({ caller }: Scenario): string {
  return 'machine' in caller ? 'machine' : 'caller';
}

export function describeExpectation(expectation: Expectation): string {
  if ('says' in expectation) return `the agent says "${expectation.says}"`;
  if ('notes' in expectation) return `the agent notes "${expectation.notes}"`;
  return `the agent uses ${expectation.uses}`;
}

/** The scenarios of `npm run call`. */
export const scenariosOfDemo: readonly Scenario[] = Object.entries(demoScenarios).map(([name, { title, script }]) => ({
  name,
  title,
  direction: 'inbound',
  caller: { script },
  expected: [],
  ends: { reason: 'hangUp' in script.at(-1)! ? 'caller-hung-up' : 'agent-hung-up' },
}));
