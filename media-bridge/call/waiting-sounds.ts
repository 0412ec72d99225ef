// What the caller hears while no voice model is there, so that the line is never dead: a spoken "one moment", then a soft tone.
import { pause } from '../../shared/within.ts';
import { bytesPerMs } from '../audio/audio-format.ts';
import type { Announcement, Announcer } from './announcer.ts';
import type { MediaLeg } from './media-leg.ts';

/** Opening a model takes 300 to 900 ms as a rule, and a reply as long again: nothing is said that soon. */
const quietMs = 1_200;
/** Between tones. Longer, and people say "hello?". */
const betweenTonesMs = 2_500;

export class WaitingSounds {
  readonly #announcer: Announcer;
  readonly #line: Pick<MediaLeg, 'format' | 'sentMs' | 'playedMs' | 'sendAudio'>;
  #timer: NodeJS.Timeout | undefined;

  constructor(announcer: Announcer, line: Pick<MediaLeg, 'format' | 'sentMs' | 'playedMs' | 'sendAudio'>) {
    this.#announcer = announcer;
    this.#line = line;
  }

  begin(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fill('one-moment'), quietMs);
  }

  /** Somebody speaks, or nobody waits. What is being announced is heard to its end; it is short. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Resolves when the caller has heard that nobody can be had, or when the signal aborts. */
  async apologise(signal: AbortSignal): Promise<void> {
    this.end();
    if (signal.aborted) return;
    await pause(this.#play('apology'), signal).catch(() => {});
  }

  #fill(announcement: Announcement): void {
    const lengthMs = this.#play(announcement);
    this.#timer = setTimeout(() => this.#fill('hold'), lengthMs + betweenTonesMs);
  }

  /** In ms from now until it is heard to its end. */
  #play(announcement: Announcement): number {
    const line = this.#line;
    const audio = this.#announcer.getAudio(announcement, line.format);
    line.sendAudio(audio);
    return Math.max(audio.length / bytesPerMs(line.format), line.sentMs - line.playedMs);
  }
}
