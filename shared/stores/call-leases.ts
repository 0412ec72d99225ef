// Port: short-lived claims on a name: which replica owns a live call, which process answers an incoming one.

export interface Lease {
  readonly name: string;
  readonly owner: string;
  /** Grows with each new holder of the name: whoever holds the lower number has lost it. */
  readonly fence: number;
}

export interface CallLeases {
  /** Undefined when somebody else holds it. An owner that holds it already gets it anew, with the same fence. */
  acquire(name: string, owner: string, ttlMs: number): Promise<Lease | undefined>;
  /** The same, taking it from whoever holds it: that one has lost it, and its fence is lower. */
  seize(name: string, owner: string, ttlMs: number): Promise<Lease>;
  /** False when it was lost. */
  renew(lease: Lease, ttlMs: number): Promise<boolean>;
  /** Does nothing when it was lost. */
  release(lease: Lease): Promise<void>;
  find(name: string): Promise<Lease | undefined>;
  /** Counts one use of `name` within a window of `windowMs` from its first use; resolves to how many there are now. */
  count(name: string, windowMs: number): Promise<number>;
  ping(): Promise<void>;
  close(): Promise<void>;
}
