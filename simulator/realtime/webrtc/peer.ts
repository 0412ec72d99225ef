// Port: the service's end of a WebRTC connection, as far as a conversation needs it: sound both ways, and a channel of messages.

/** Of the sound on this side of the codec. */
export const peerSampleRate = 24_000;
export const peerFrameMs = 20;

export interface PeerListener {
  onConnected(): void;
  /** Any length. */
  onAudio(samples: Int16Array): void;
  /** One message of the data channel. */
  onMessage(text: string): void;
  /** Comes once, last: the page closed it, or nothing comes from it any more. */
  onClosed(): void;
}

export interface Peer {
  /** SDP, with all candidates. */
  readonly answer: string;
  listen(listener: PeerListener): void;
  /** One frame. */
  play(samples: Int16Array): void;
  /** Waits for the channel. */
  send(text: string): void;
  /** Idempotent. */
  close(): void;
}

/** Throws what is wrong with the offer. */
export type OpenPeer = (offer: string) => Promise<Peer>;
