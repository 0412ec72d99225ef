// What is going to happen in one world of calls: who rings when and does what, and which faults come, all of it decided by a seed.
import type { CallDirection, PhoneCarrier, VoiceModelKind } from '../../shared/call/call.ts';
import type { PersonStep } from '../caller/person-script.ts';

export interface CallPlan {
  readonly carrier: PhoneCarrier;
  readonly direction: CallDirection;
  /** Nobody else's in this world. */
  readonly number: string;
  /** Of an outbound call; an inbound one has the world's. */
  readonly model: VoiceModelKind;
  readonly startsMs: number;
  /** What a phone that we ring does. */
  readonly pickup: 'answers' | 'busy' | 'declines' | 'no-answer';
  readonly answersAfterMs: number;
  readonly script: readonly PersonStep[];
}

export interface FaultPlan {
  /** By its name in the table. */
  readonly name: string;
  readonly atMs: number;
  readonly forMs: number;
  /** Decides whom it hits, and how hard. */
  readonly draw: number;
}

export interface WorldPlan {
  readonly seed: number;
  readonly model: VoiceModelKind;
  readonly calls: readonly CallPlan[];
  readonly faults: readonly FaultPlan[];
}
