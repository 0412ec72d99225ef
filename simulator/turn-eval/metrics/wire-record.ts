// What was on the carrier's wire in one call: what the caller did there, and when the agent could be heard. Times are in ms since the line was through.

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A turn and an interruption want an answer; the others want none. */
export type CallerAct = 'turn' | 'interruption' | 'backchannel' | 'tic' | 'aside';

export interface CallerSound extends Span {
  readonly act: CallerAct;
}

export interface WireRecord {
  readonly lengthMs: number;
  readonly caller: readonly CallerSound[];
  /** However soft: a pause is where nothing came at all. */
  readonly agent: readonly Span[];
}
