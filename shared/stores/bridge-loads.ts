// Port: what each bridge says of itself while it lives: how many calls it holds, and how many more it takes.

export interface BridgeLoad {
  /** Which one of all bridges. */
  readonly replica: string;
  readonly calls: number;
  /** None while it ends. */
  readonly freePlaces: number;
}

/** So long the most calls that there were at once are remembered: whoever scales in sooner ends conversations. */
export const peakWindowMs = 15 * 60_000;

export interface BridgeLoads {
  /** In place of what this bridge said before. Without another word it is taken for dead after `ttlMs`. */
  report(load: BridgeLoad, ttlMs: number): Promise<void>;
  /** It takes no calls any more, and holds none. */
  withdraw(replica: string): Promise<void>;
  /** Those that live. */
  list(): Promise<readonly BridgeLoad[]>;
  /** The most calls of all bridges together within `peakWindowMs`, to the minute. */
  peakCalls(): Promise<number>;
}
