// Port: events of recordings that Event Grid put aside because nobody took them.

/** Each method rejects with STORE_UNAVAILABLE. */
export interface DeadLetters {
  /** Names of what was put aside since then, `most` at most. */
  list(since: number, most: number): Promise<readonly string[]>;
  /** Its events: none where it is gone. What is no event is told as it is. */
  read(name: string): Promise<readonly unknown[]>;
  /** Nothing happens where it is gone already. */
  remove(name: string): Promise<void>;
}
