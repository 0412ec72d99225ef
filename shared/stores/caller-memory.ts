// Port: what is remembered of callers, under a hash of who they are, and their wishes to be forgotten.
import type { CallId } from '../call/call.ts';

/** Says nothing of the caller to whoever has not the secret. */
export type CallerKey = string & { readonly __brand: 'CallerKey' };

/** One call of a caller, as far as the next one is concerned. */
export interface CallerVisit {
  readonly callId: CallId;
  readonly agent: string;
  /** When it began, and when it ended (Unix time in ms). */
  readonly at: number;
  readonly endedAt: number;
  /** It ended without a goodbye. */
  readonly isBrokenOff: boolean;
  readonly summary?: string;
  /** Those that are open. */
  readonly notes: readonly string[];
  /** Nothing is known of it from then on. */
  readonly expiresAt: number;
}

/** A caller's wish to be forgotten, and how far it is. */
export interface ForgetRequest {
  readonly id: string;
  readonly requestedAt: number;
  /** Who it is, until it is done. */
  readonly party?: string;
  readonly calls: number;
  readonly files: number;
  /** What is waited for. */
  readonly waitingFor: readonly string[];
  /** When nothing was found any more for the first time. */
  readonly emptyAt?: number;
  readonly doneAt?: number;
  readonly expiresAt: number;
}

export interface CallerMemory {
  /** Takes the place of what was remembered of the same call. */
  remember(caller: CallerKey, visit: CallerVisit): Promise<void>;
  /** Newest first, without those that have expired. */
  visits(caller: CallerKey, limit: number): Promise<readonly CallerVisit[]>;
  /** Resolves to how many visits were removed. */
  forget(caller: CallerKey): Promise<number>;
  saveRequest(request: ForgetRequest): Promise<void>;
  findRequest(id: string): Promise<ForgetRequest | undefined>;
  /** Those that are not done, the oldest first. */
  openRequests(limit: number): Promise<readonly ForgetRequest[]>;
  /** What has expired, as far as the store does not see to it by itself. Resolves to how much it was. */
  removeExpired(): Promise<number>;
  ping(): Promise<void>;
  close(): Promise<void>;
}
