// What the caller hears that no voice model says: words and tones while somebody has to be waited for, and the apology of the end.
import { pause } from '../../shared/within.ts';
import { type AudioFormat, bytesPerMs } from '../audio/audio-format.ts';
import type { MediaLeg } from './media-leg.ts';

export type Announcement = 'one-moment' | 'hold' | 'apology';

/** Sounds that need no voice model, for one language. */
export interface Announcer {
  /** Ready to be sent in this format; empty never. */
  getAudio(announcement: Announcement, format: AudioFormat): Buffer;
}

type Line = Pick<MediaLeg, 'format' | 'sentMs' | 'playedMs' | 'sendAudio'>;

export class WaitingSounds {
  readonly #announcer: Announcer;
  readonly #line: Line;
  #hasSpoken = false;

  constructor(announcer: Announcer, line: Line) {
    this.#announcer = announcer;
    this.#line = line;
  }

  /** A spoken "one moment" first, then a soft tone each time. Returns its length in ms. It is heard to its end; it is short. */
  fill(): number {
    const announcement = this.#hasSpoken ? 'hold' : 'one-moment';
    this.#hasSpoken = true;
    return this.#play(announcement);
  }

  /** The agent speaks: the next wait begins with words again. */
  end(): void {
    this.#hasSpoken = false;
  }

  /** Resolves when the caller has heard that nobody can be had, or when the signal aborts. */
  async apologise(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const lengthMs = this.#play('apology');
    // It may wait behind what the agent said last.
    await pause(Math.max(lengthMs, this.#line.sentMs - this.#line.playedMs), signal).catch(() => {});
  }

  #play(announcement: Announcement): number {
    const { format } = this.#line;
    const audio = this.#announcer.getAudio(announcement, format);
    this.#line.sendAudio(audio);
    return audio.length / bytesPerMs(format);
  }
}
