// Judges a world that was played, by seven rules that know nothing of the product's insides. Pure.
import { noSilence } from './rules/no-silence.ts';
import { nothingLeft } from './rules/nothing-left.ts';
import { oneEnd } from './rules/one-end.ts';
import { oneVoice } from './rules/one-voice.ts';
import { privateLog } from './rules/private-log.ts';
import { servedLines } from './rules/served-lines.ts';
import { trueHistory } from './rules/true-history.ts';
import type { Rule, Violation } from './violation.ts';
import type { WorldRecord } from './world-record.ts';

export const rules: readonly Rule[] = [noSilence, trueHistory, oneVoice, servedLines, oneEnd, nothingLeft, privateLog];

export function judge(world: WorldRecord): Violation[] {
  return rules.flatMap(({ name, find }) => find(world).map((violation) => ({ rule: name, ...violation })));
}
