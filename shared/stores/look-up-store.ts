// Port: what was looked up elsewhere, for all processes and for a while.

/** Each method rejects with STORE_UNAVAILABLE. */
export interface LookUpStore {
  /** Undefined where there is none, or none any more. */
  find(key: string): Promise<string | undefined>;
  /** Takes the place of what there was. */
  keep(key: string, value: string, ttlMs: number): Promise<void>;
}
