// What can go wrong with Azure Speech, as switches a test may turn at any time.

/** `mute`: takes everything and says nothing. `dead`: does not even read, nor answer a ping: half open. */
export type SpeechHealth = 'well' | 'mute' | 'dead';

export interface SpeechFaults {
  /** New connections get this HTTP status. */
  refuse: number | undefined;
  /** New connections are accepted this much later. */
  slowAcceptMs: number;
  /** Of the sockets of each kind, those that are open already too. */
  recognition: SpeechHealth;
  synthesis: SpeechHealth;
  /** Spoken audio comes in pieces of this length, one at a time. */
  trickle: { readonly pieceMs: number; readonly everyMs: number } | undefined;
  /** What is on the wire in place of a message's JSON. */
  alter(text: string): string;
}

export function createSpeechFaults(): SpeechFaults {
  return {
    refuse: undefined,
    slowAcceptMs: 0,
    recognition: 'well',
    synthesis: 'well',
    trickle: undefined,
    alter: (text) => text,
  };
}
