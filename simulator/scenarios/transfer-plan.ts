// What may become of one caller who asks for a person, and what is told of it.
import type { PhoneCarrier } from '../../shared/call/call.ts';

export const transferEndings = [
  'accepted by key',
  'accepted by word',
  'declined',
  'busy',
  'no answer',
  'voicemail',
  'person hangs up',
  'bridge dies',
  'bridge drains',
  'draining bridge dies',
  'caller hangs up',
] as const;
export type TransferEnding = (typeof transferEndings)[number];

/** How far a transfer is when a bridge is told to stop. */
export const drainMoments = ['ringing', 'briefing', 'joining'] as const;

export interface TransferPlan {
  readonly ending: TransferEnding;
  readonly carrier: PhoneCarrier;
  readonly seed: number;
  /** Who wants it, the caller if nothing is given. */
  readonly askedBy?: 'operator';
  /** Of a bridge that drains; by the seed where nothing is given. */
  readonly moment?: (typeof drainMoments)[number];
  /** The carrier tells things twice and the wrong way round, and one of its answers is an error or is lost. */
  readonly isUnruly?: boolean;
}

export interface TransferReport extends TransferPlan {
  /** With whom the caller talks in the end. */
  readonly endsWith: 'person' | 'agent' | 'nobody';
  /** From the caller's wish to that. */
  readonly tookMs: number;
  /** What the agent said of it. */
  readonly said: string;
  /** Undefined: all is as it should be. */
  readonly problem?: string;
}

/** Whoever takes the caller has accepted. */
export const mayEndWithPerson: ReadonlySet<TransferEnding> = new Set([
  'accepted by key',
  'accepted by word',
  'bridge dies',
  'bridge drains',
  'draining bridge dies',
  'caller hangs up',
]);
