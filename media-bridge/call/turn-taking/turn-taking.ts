// Port: who decides whose turn it is in a call, the voice model's service or the bridge.
import type { Transcript } from '../spoken-turns.ts';

export interface TurnTaking {
  /** The caller's audio, in the format of the line. */
  hear(audio: Buffer): void;
  /** As the voice model's service tells it. */
  callerStarted(turnId: string | undefined): void;
  callerStopped(turnId: string | undefined): void;
  /** Words of either side. */
  transcript(transcript: Transcript): void;
  /** A turn is over, and its words are not all there. */
  readonly awaitsWords: boolean;
  /** What was said until now is kept for no other model: what is known of its words is written down. */
  settled(): void;
  /** Whoever listens is to hear no more of the agent now: it stops as it does for a caller. */
  takeWord(): void;
  /** Who has the word keeps it: the next model hears what they say whole. */
  modelLost(): void;
  /** Nothing went either way for a while, and does again. */
  lineCameBack(): void;
  /** The caller acted in another way: whatever sounded is beside the point. */
  forget(): void;
  /** Idempotent. Whatever the agent was saying goes on as it is. */
  close(): void;
}
