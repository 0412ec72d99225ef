// Port: counts what is dialled, in one atomic step with the decision whether one more may be.

export interface DialCap {
  readonly name: string;
  /** So many orders may count at once. */
  readonly limit: number;
  /** So long an order counts, from when it is dialled. */
  readonly windowMs: number;
}

export interface DialOrder {
  /** Whoever asks for the same call again gives the same. */
  readonly id: string;
  /** What is to be dialled: an order is for one target for good. */
  readonly target: string;
  readonly caps: readonly DialCap[];
  /** Made anew for each try, so that of two tries for one order it is known whose the claim is. */
  readonly token: string;
}

export type DialClaim =
  /** `isFirst`: nobody has claimed this order before. Otherwise whoever did has not dialled. */
  | { readonly type: 'claimed'; readonly isFirst: boolean }
  /** Another try has it: about to dial, or has dialled. */
  | { readonly type: 'taken'; readonly isDialled: boolean }
  | { readonly type: 'other-target' }
  /** Nothing was counted. */
  | { readonly type: 'over-cap'; readonly cap: string };

/** An order that was dialled is remembered so long, and counts in each of its caps for that cap's window. */
export const orderRetentionMs = 24 * 3_600_000;

export interface DialCounts {
  /**
   * Counts the order in all its caps, or in none. A claim that is neither dialled nor given back within `ttlMs` was left by a
   * process that died: it counts no more, and another try may have the order.
   */
  claim(order: DialOrder, ttlMs: number): Promise<DialClaim>;
  /** To be asked right before dialling: from here on nobody else has the order. False: the claim was lost, do not dial. */
  confirm(order: DialOrder): Promise<boolean>;
  /** Nobody was rung: the order counts no more, and may be claimed again. Does nothing when the claim was lost. */
  giveBack(order: DialOrder): Promise<void>;
  /** The order counts in this cap for `ttlMs` from now at least, whatever it did before. */
  hold(cap: string, orderId: string, ttlMs: number): Promise<void>;
  /** The order counts in this cap no more. */
  release(cap: string, orderId: string): Promise<void>;
  /** The orders that count in this cap now. */
  holders(cap: string): Promise<readonly string[]>;
}
