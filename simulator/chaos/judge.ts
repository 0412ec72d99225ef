// Judges a world that was played, by its rules that know nothing of the product's insides. Pure.
import { noSilence } from './rules/no-silence.ts';
import { nothingLeft } from './rules/nothing-left.ts';
import { oneEnd } from './rules/one-end.ts';
import { oneVoice } from './rules/one-voice.ts';
import { privateLog } from './rules/private-log.ts';
import { servedLines } from './rules/served-lines.ts';
import { soundParts } from './rules/sound-parts.ts';
import { trueHistory } from './rules/true-history.ts';
import { isSpoilt } from './spoilt-calls.ts';
import type { Rule, Violation } from './violation.ts';
import type { WorldRecord } from './world-record.ts';

export const rules: readonly Rule[] = [
  noSilence,
  trueHistory,
  oneVoice,
  servedLines,
  oneEnd,
  nothingLeft,
  privateLog,
  soundParts,
];
/** What becomes of a call whose carrier or model talks nonsense is its own; these hold for all that, and for all others everything does. */
const ofWhoeverIsSpoilt: ReadonlySet<string> = new Set([oneVoice, servedLines].map(({ name }) => name));

export function judge(world: WorldRecord): Violation[] {
  const spoilt = new Set(world.calls.filter((call) => isSpoilt(world, call)).map(({ plan }) => plan.number));
  return rules
    .flatMap(({ name, find }) => find(world).map((violation) => ({ rule: name, ...violation })))
    .filter(({ rule, number }) => number === undefined || ofWhoeverIsSpoilt.has(rule) || !spoilt.has(number));
}
