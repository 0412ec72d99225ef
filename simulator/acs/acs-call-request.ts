// What the application said when it took or placed a call, and what a later operation says about its own events.
import type { MediaOptions } from './acs-requests.ts';

/** What answer and create have in common. */
export interface CallRequest {
  readonly callbackUri: string;
  readonly operationContext?: string | null;
  readonly mediaStreamingOptions?: MediaOptions | null;
}

export interface Operation {
  readonly operationContext?: string | null;
  /** Where the events of this operation go, if not where the call's go. */
  readonly operationCallbackUri?: string | null;
}
