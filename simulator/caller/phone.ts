// Port: what sits at the far end of a carrier's line: a person, a recording, a tone. The carrier's 20 ms clock drives it.

/** 20 ms at 16 kHz: the one format of phones, whatever the carrier puts on its own wires. */
export const phoneSampleRate = 16000;
export const phoneFrameMs = 20;
export const phoneFrameSamples = 320;

export interface Phone {
  /** What the microphone picked up in the last 20 ms. The array is the phone's own: copy it to keep it. */
  speak(): Int16Array;
  /** What came out of the earpiece in the same 20 ms; silence included. */
  hear(samples: Int16Array): void;
  /** Keys pressed since the last call of this. */
  takeKeys(): string;
  /** True once the person puts the phone down; the carrier looks at it every frame. */
  readonly hangsUp: boolean;
  /** The line is dead: the other side, the carrier or this phone hung up. */
  lineClosed(): void;
}

/** What a dialled phone does when it rings. */
export type Pickup =
  | { readonly kind: 'answers'; readonly afterMs: number; readonly phone: Phone }
  | { readonly kind: 'busy' | 'declines' | 'no-answer' | 'invalid-number' };
