// What is going to happen in one world of calls: who rings when and does what, and which faults come, all of it decided by a seed.
import type { CallDirection, Carrier, VoiceModelKind } from '../../shared/call/call.ts';
import type { PersonStep } from '../caller/person-script.ts';

export interface CallPlan {
  /** `web`: a page in a browser, and no carrier. */
  readonly carrier: Carrier;
  readonly direction: CallDirection;
  /** Nobody else's in this world. */
  readonly number: string;
  /** Of an outbound call; an inbound one has the world's. */
  readonly model: VoiceModelKind;
  readonly startsMs: number;
  /** What a phone that we ring does. */
  readonly pickup: 'answers' | 'busy' | 'declines' | 'no-answer' | 'machine';
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

/** What becomes of those who are called to take callers over. */
export interface DeskPlan {
  readonly answer: 'word' | 'key' | 'refuses' | 'busy' | 'declines' | 'no-answer' | 'machine';
  readonly afterMs: number;
}

export interface WorldPlan {
  readonly seed: number;
  readonly model: VoiceModelKind;
  readonly desk: DeskPlan;
  readonly isRecorded: boolean;
  readonly calls: readonly CallPlan[];
  readonly faults: readonly FaultPlan[];
}
