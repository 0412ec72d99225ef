// The stores of one process.
import type { BridgeLoads } from './bridge-loads.ts';
import type { CallHistory } from './call-history.ts';
import type { CallLeases } from './call-leases.ts';
import type { CallStream } from './call-stream.ts';
import type { CallerMemory } from './caller-memory.ts';
import type { DialCounts } from './dial-counts.ts';
import type { LookUpStore } from './look-up-store.ts';

export interface Stores {
  readonly stream: CallStream;
  readonly leases: CallLeases;
  readonly dialCounts: DialCounts;
  readonly bridgeLoads: BridgeLoads;
  readonly lookUps: LookUpStore;
  readonly history: CallHistory;
  /** Where the history is. */
  readonly callers: CallerMemory;
  close(): Promise<void>;
}

/** Those that are needed while a call goes on. */
export type LiveStores = Omit<Stores, 'history' | 'callers'>;
