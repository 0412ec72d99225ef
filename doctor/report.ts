// How findings are told in a terminal: a line each, and below it what to do.
import { styleText } from 'node:util';
import type { Verdict } from './check.ts';
import type { Finding } from './examination.ts';

const marks: Readonly<Record<Verdict['type'], { word: string; style: Parameters<typeof styleText>[0] }>> = {
  ok: { word: 'ok', style: 'green' },
  problem: { word: 'WRONG', style: 'red' },
  doubt: { word: 'look', style: 'yellow' },
  absent: { word: '-', style: 'gray' },
};
const wordWidth = 6;
const nameWidth = 22;

export function formatFinding({ name, verdict }: Finding): string {
  const { word, style } = marks[verdict.type];
  const line = `${styleText(style, word.padEnd(wordWidth))}${name.padEnd(nameWidth)}${verdict.saw}`;
  return 'advice' in verdict ? `${line}\n${' '.repeat(wordWidth)}→ ${verdict.advice}` : line;
}

export function formatSummary(findings: readonly Finding[]): string {
  const count = (type: Verdict['type']) => findings.filter(({ verdict }) => verdict.type === type).length;
  const [wrong, doubtful] = [count('problem'), count('doubt')];
  if (wrong === 0 && doubtful === 0) return `All that is set up works (${count('ok')} checks).`;
  return `${count('ok')} ok, ${wrong} wrong, ${doubtful} to look at.`;
}
