// Port: the events of live calls: hot, shared by all processes, subscribable. The link between functions and bridge.
import type { CallId } from '../call/call.ts';
import type { CallEvent, PartialTranscript } from '../call/call-event.ts';

/** How long an ended call's events stay readable once the history has all of them. */
export const endedCallRetentionMs = 3_600_000;
/** The same after the last event of any other call: no carrier holds one this long without an event, no outage lasts so long. */
export const liveCallRetentionMs = 24 * 3_600_000;

/** Some events of a call, and the place in its stream where they end. */
export interface StreamedEvents {
  readonly events: readonly CallEvent[];
  /** Opaque; undefined where the stream is empty. */
  readonly cursor: string | undefined;
}

export interface AppendOptions {
  /** Nobody waits for it: a stream that is slow is given time. */
  readonly isBehindTheScenes?: boolean;
}

export interface CallStream {
  /** Resolves to false, and adds nothing, when this call already has an event of this id. Throws STORE_UNAVAILABLE. */
  append(event: CallEvent, options?: AppendOptions): Promise<boolean>;
  /** All events of the call in the order they were appended; empty if unknown or long over. */
  read(callId: CallId): Promise<readonly CallEvent[]>;
  /** What was appended after `cursor`; all there is without one, and where the stream lost its data since. */
  readOn(callId: CallId, cursor: string | undefined): Promise<StreamedEvents>;
  /** Calls that had an event lately (an hour after their last), newest first. */
  recentCallIds(limit: number): Promise<readonly CallId[]>;
  /** Calls without an end among their events, those that had none for the longest time first. */
  liveCallIds(limit: number): Promise<readonly CallId[]>;
  /** Calls that were connected `olderThanMs` ago or earlier, that no bridge has had, and that have not ended; the oldest first. */
  unservedCallIds(options: { olderThanMs: number; limit: number }): Promise<readonly CallId[]>;
  /** Calls with events that the history has not had for `olderThanMs` or longer, the oldest debt first. */
  unsavedCallIds(options: { olderThanMs: number; limit: number }): Promise<readonly CallId[]>;
  /** The history has the call up to `cursor`. Where events came after it, the call stays unsaved. */
  markSaved(callId: CallId, cursor: string | undefined): Promise<void>;
  /** Nothing of the call is left here, also of what listeners of all calls could catch up with. */
  forget(callId: CallId): Promise<void>;
  /**
   * Events of one call, or of all, from now on. Of one call none is missed, whatever becomes of the connection: after a
   * gap its events are told again from the first, so that a listener must know what it has heard by the id.
   */
  subscribe(callId: CallId | 'all', listener: (event: CallEvent) => void): () => void;
  /** Shown to those who listen now, and not kept: some may be lost. Never throws. */
  publishPartial(partial: PartialTranscript): void;
  subscribePartials(callId: CallId | 'all', listener: (partial: PartialTranscript) => void): () => void;
  /** Rejects when it could not take an event now. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
