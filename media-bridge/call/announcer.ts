// Sounds that need no voice model: what the caller hears while there is none.
import type { AudioFormat } from '../audio/audio-format.ts';

export type Announcement = 'one-moment' | 'hold' | 'apology';

export interface Announcer {
  /** Ready to be sent in this format; empty never. */
  getAudio(announcement: Announcement, format: AudioFormat): Buffer;
}
