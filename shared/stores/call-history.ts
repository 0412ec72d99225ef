// Port: calls, their turns and outcomes, kept for good.
import type { CallId } from '../call/call.ts';
import type { CallState } from '../call/call-state.ts';
import type { CallQuery } from './call-query.ts';

export interface CallPage {
  /** In the order that was asked for. */
  readonly calls: readonly CallState[];
  /** Opaque; give it back for the next page. */
  readonly next?: string;
}

export interface CallHistory {
  /**
   * Keeps the newer of what is there and what is given, by `version`, whoever writes last. A call that ended stays ended: what
   * says otherwise was folded from a stream that had forgotten it. False: what is there stays.
   */
  save(call: CallState): Promise<boolean>;
  /** Keeps it only where what is there has this version (0: nothing is there). False: it has another one. */
  saveOver(version: number, call: CallState): Promise<boolean>;
  find(callId: CallId): Promise<CallState | undefined>;
  /** Throws BAD_REQUEST for a `next` that this store did not give. */
  list(query: CallQuery): Promise<CallPage>;
  /** Calls whose end is not known here, newest first. */
  listUnended(limit: number): Promise<readonly CallState[]>;
  /** Calls that have ended and about which something is left to be done, newest first. */
  listOwing(limit: number): Promise<readonly CallState[]>;
  /** Calls with a recording that is kept too long already. */
  listOldRecordings(limit: number): Promise<readonly CallId[]>;
  /** Nothing of it is left. Does nothing where nothing is there. */
  remove(callId: CallId): Promise<void>;
  /** Removes the calls that were created before, as far as the store does not do so by itself. Resolves to how many. */
  removeOlder(createdBefore: number): Promise<number>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Whether `given` takes the place of `kept`. */
export function isNewer(given: CallState, kept: CallState | undefined): boolean {
  if (!kept) return true;
  return given.version > kept.version && (kept.phase !== 'ended' || given.phase === 'ended');
}
