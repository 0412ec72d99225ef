// What the judge is given of a world that is over: the carriers' wires, the stores and the logs. Times in ms since the world began.
import type { CallEvent } from '../../shared/call/call-event.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import type { Struck } from './fault.ts';
import type { CallPlan, WorldPlan } from './world-plan.ts';

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Words extends Span {
  readonly text: string;
}

export interface PlayedFault
  extends Span,
    Pick<
      Struck,
      | 'machine'
      | 'isKill'
      | 'takesLineOf'
      | 'delaysMs'
      | 'holdsUp'
      | 'isHalting'
      | 'sleptMs'
      | 'spoils'
      | 'problems'
      | 'takesAway'
    > {
  readonly name: string;
}

/** The agent took back what was not played yet: the carrier was told to stop. */
export interface WireCut {
  readonly atMs: number;
  readonly droppedMs: number;
  /** All that had come since it was told so before. */
  readonly frames: readonly { readonly atMs: number; readonly lengthMs: number }[];
}

/** Of what went over the wires of a call. */
export interface WireLine {
  readonly atMs: number;
  readonly text: string;
}

/** A media socket of a call, at the carrier. */
export type SocketSpan = Span;

export interface CallRecord {
  readonly plan: CallPlan;
  /** How often the carrier rang the phone. */
  readonly dials: number;
  /** The phone was picked up, or the agent answered; until the line was dead. */
  readonly line?: Span;
  readonly hungUpAtMs?: number;
  /** The carrier still has it when all is over. */
  readonly isOpen: boolean;
  /** Who ended it, as the carrier has it. */
  readonly endedBy?: 'person' | 'us' | 'carrier' | 'transfer';
  readonly sockets: readonly SocketSpan[];
  /** While the carrier rang another phone for the caller, as far as it tells. */
  readonly transfers: readonly Span[];
  readonly cuts: readonly WireCut[];
  /** Of the carrier and of a realtime model, in no order. */
  readonly wire: readonly WireLine[];
  /** What came out of the earpiece, and was no silence, and what a carrier said itself. */
  readonly sounds: readonly Span[];
  readonly said: readonly Words[];
  readonly pressedAtMs: readonly number[];
  /** Of the store. `at` is Unix time: less `WorldRecord.startedAt` it is ours. */
  readonly events: readonly CallEvent[];
  readonly history?: CallState;
}

export interface WorldRecord {
  readonly plan: WorldPlan;
  /** Unix time in ms. */
  readonly startedAt: number;
  readonly endedMs: number;
  readonly faults: readonly PlayedFault[];
  readonly calls: readonly CallRecord[];
  /** By the names that bridges give themselves. */
  readonly machineOfReplica: Readonly<Record<string, string>>;

  /** What is there some minutes after the last call and the last fault. */
  readonly left: {
    readonly leases: readonly string[];
    /** Calls that a carrier still has, those to people who were to take a caller over among them. */
    readonly legs: readonly string[];
    readonly heldCalls: number;
    readonly unended: readonly string[];
    readonly dialPlaces: number;
    /** After the world was stopped, beyond what was there before. */
    readonly timers: number;
    readonly sockets: number;
  };
  readonly log: readonly string[];
  readonly secrets: readonly string[];
}
