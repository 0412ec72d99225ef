// Port: who watches a call without being a part of it.
import type { CallEvent } from '../../shared/call/call-event.ts';
import type { MediaTicket } from '../../shared/media-token.ts';

export interface CallWatcher {
  /** Where the call's log lines belong; nothing where no trace is kept. */
  readonly traceIds: { readonly traceId?: string; readonly spanId?: string };
  /** `isOurs`: this replica wrote it. Never throws. */
  observe(event: CallEvent, isOurs: boolean): void;
  /** Nothing more comes of the call here. Never throws. */
  close(): void;
}

export type WatchCall = (call: MediaTicket & { readonly replica: string }) => CallWatcher;
