// Port: what each bridge says of itself while it lives: how many calls it holds, how many more it takes, and which it cannot serve.
import type { CallId } from '../call/call.ts';

export interface BridgeLoad {
  /** Which one of all bridges. */
  readonly replica: string;
  readonly calls: number;
  /** None while it ends. */
  readonly freePlaces: number;
  /** Their media sockets are lost, and it does not reach their carriers: whoever does may have them. `maxStranded` at most. */
  readonly stranded?: readonly CallId[];
}

/** So long the most calls that there were at once are remembered: whoever scales in sooner ends conversations. */
export const peakWindowMs = 15 * 60_000;

/** More than any bridge holds would be a mistake. */
export const maxStranded = 1_000;

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
