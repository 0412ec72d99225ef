// Port: the carrier's leg of a call.
import type { Carrier } from '../../shared/call/call.ts';
import type { PageTurn } from '../../shared/call/page-turns.ts';
import type { AudioFormat } from '../audio/audio-format.ts';
import type { Manner } from '../audio/manner.ts';

export type MediaTransportEvent =
  /** Any length. The buffer belongs to the listener only until it returns. */
  | { type: 'audio'; audio: Buffer }
  | { type: 'dtmf'; digit: string }
  /** Of a page that talks with the voice service itself: turns that nobody may have written down. */
  | { type: 'overheard'; turns: readonly PageTurn[] }
  /** Everything sent was heard: `playedMs` has reached `sentMs`. Comes once per stretch of audio; not after a clear. */
  | { type: 'played-out' }
  /** Comes once, last. `clean`: the other side closed in order; `wasSilent`: it did not, but nothing came from it any more. */
  | { type: 'closed'; clean: boolean; code: number; wasSilent?: true };

/**
 * One timeline of what the agent says, in ms since the leg opened, silence between replies not counted.
 * `sendAudio` adds to its end (`sentMs`), the caller's ear walks along it (`playedMs` ≤ `sentMs`), and `clearAudio` cuts
 * what was not heard: afterwards `sentMs` equals `playedMs`.
 */
export interface MediaTransport {
  readonly carrier: Carrier;
  readonly format: AudioFormat;
  readonly sentMs: number;
  /** Right to one frame (20 ms): by marks where the carrier has them, else by the pacing clock. */
  readonly playedMs: number;
  /** Since anything came from the carrier; it sends every 20 ms, but for some streams of Twilio in a caller's silence. */
  readonly quietMs: number;
  /** One listener a leg; nothing is delivered before it is set, and nothing received before is lost. */
  listen(listener: (event: MediaTransportEvent) => void): void;
  /** Any length, in `format`; copied before it returns. Ignored after close. */
  sendAudio(audio: Buffer): void;
  /** How what was sent, and has not left for the carrier, goes on; until it is said anew. Cleared, it begins as loud as ever. */
  setManner(manner: Manner): void;
  /** The caller hears so much from somewhere else: the timeline goes on by it, sent and played. Where that can be. */
  elapse?(ms: number): void;
  /** Drops what was sent and not yet heard, here and in the carrier's buffer, before anything else goes out. */
  clearAudio(): void;
  /** Idempotent. */
  close(): void;
}
