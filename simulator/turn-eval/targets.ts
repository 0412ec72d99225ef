// The rows of the table: each figure by its name, in the field's terms, with what Parley must reach.
import type { Column } from './eval-job.ts';
import type { FigureName } from './figures.ts';

export interface Row {
  readonly title: string;
  readonly figure: FigureName;
  /** Of calls that the bridge decides about: at least, or at most. */
  readonly atLeast?: number;
  readonly atMost?: number;
  /** Where no words are told before the caller is done. */
  readonly atMostWithoutWords?: number;
}

export const rows: readonly Row[] = [
  { title: 'S_BC: talks on through backchannels', figure: 'backchannels', atLeast: 0.95 },
  { title: 'S_BC, the first three of a call', figure: 'firstNods' },
  { title: 'S_BC, later ones', figure: 'laterNods' },
  { title: 'backchannels with any gap on the wire', figure: 'pausedNods', atMost: 0.3 },
  { title: 'such a gap, p95', figure: 'nodPauseP95', atMost: 300 },
  { title: 'backchannels that stop it for good', figure: 'stoppedNods', atMost: 0.08 },
  { title: 'R_Y: yields to interruptions of 0.8 s and more', figure: 'longYields', atLeast: 0.98 },
  { title: 'R_Y: yields to shorter ones', figure: 'shortYields', atLeast: 0.96 },
  { title: 'L_Y, mean, on sentences as in tau-voice', figure: 'yieldLatency', atMost: 800 },
  { title: 'L_Y, mean, on short ones too', figure: 'allYieldLatency' },
  { title: 'R_R: answers', figure: 'answers' },
  { title: 'L_R, mean', figure: 'answerLatency' },
  { title: 'first reaction (softer), median', figure: 'softerMedian', atMost: 200 },
  { title: 'first reaction (softer), p95', figure: 'softerP95', atMost: 350 },
  { title: 'first silence, 0.8 s and more, median', figure: 'longSilenceMedian', atMost: 550 },
  { title: 'first silence, 0.8 s and more, p95', figure: 'longSilenceP95', atMost: 950, atMostWithoutWords: 1_250 },
  { title: 'first silence, shorter, median', figure: 'shortSilenceMedian', atMost: 850, atMostWithoutWords: 1_050 },
  { title: 'first silence, shorter, p95', figure: 'shortSilenceP95', atMost: 1_100, atMostWithoutWords: 1_400 },
  { title: 'ignores coughs and the like (fair rule)', figure: 'fairTics', atLeast: 0.9 },
  { title: 'ignores talk aside (fair rule)', figure: 'fairAsides', atLeast: 0.7 },
  { title: "S_VT by tau-voice's own rule", figure: 'tics' },
  { title: "S_ND by tau-voice's own rule", figure: 'asides' },
  { title: 'ignores backchannels in silence', figure: 'silentNods' },
  { title: 'wrong pause until it goes on, p95', figure: 'resumedP95', atMost: 400 },
  { title: 'goes on with nothing lost or repeated', figure: 'resumedExactly', atLeast: 1 },
  { title: 'I_A: interrupts the caller', figure: 'agentInterrupts', atMost: 0.02 },
  { title: 'cuts off who pauses in mid-sentence', figure: 'cutHesitations' },
  { title: 'answer to an ordinary question, median', figure: 'turnLatencyMedian' },
  { title: 'EVA turn_taking', figure: 'eva' },
  { title: 'events that never happened', figure: 'missed', atMost: 0 },
];

/** Azure Speech and one of OpenAI's transcriptions tell words as they are said. */
export function tellsWords({ model, variant }: Column): boolean {
  return model !== 'voice-live' && variant !== 'no partial words';
}

/** Undefined: there is none for this column. */
export function findTarget(row: Row, column: Column): Pick<Row, 'atLeast' | 'atMost'> | undefined {
  if (column.mode === 'off' || (column.variant !== 'all' && column.variant !== 'no partial words')) return undefined;
  const atMost = tellsWords(column) ? row.atMost : (row.atMostWithoutWords ?? row.atMost);
  return row.atLeast === undefined && atMost === undefined ? undefined : { atLeast: row.atLeast, atMost };
}

/** The wait for an answer that the bridge's decision adds, where both were measured. */
export const mostAddedMs = 20;
