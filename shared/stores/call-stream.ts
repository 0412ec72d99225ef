// Port: the events of live calls: hot, shared by all processes, subscribable. The link between functions and bridge.
import type { CallId } from '../call/call.ts';
import type { CallEvent, CallGlimpse, LiveEvent } from '../call/call-event.ts';

/** How long an ended call's events stay readable after the last of them. */
export const endedCallRetentionMs = 3_600_000;
/** The same for a call that has not ended: no carrier holds one this long without an event. */
export const liveCallRetentionMs = 24 * 3_600_000;

export interface CallStream {
  /** Resolves to false, and adds nothing, when this call already has an event of this id. Throws STORE_UNAVAILABLE. */
  append(event: CallEvent): Promise<boolean>;
  /** Shown to those who listen now, and not kept. Never throws. */
  announce(glimpse: CallGlimpse): void;
  /** All events of the call in the order they were appended; empty if unknown or long over. */
  read(callId: CallId): Promise<readonly CallEvent[]>;
  /** Calls that had an event lately (an hour after their last), newest first. */
  recentCallIds(limit: number): Promise<readonly CallId[]>;
  /** Events of one call, or of all, from now on (of what was appended in the last moment some may come too). Delivery goes on through lost connections; a gap is filled where possible. */
  subscribe(callId: CallId | 'all', listener: (event: LiveEvent) => void): () => void;
  /** Rejects when it could not serve now. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
