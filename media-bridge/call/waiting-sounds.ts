// What the caller hears while no voice model is there, so that the line is never dead: a spoken "one moment", then a soft tone.
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

/** Opening a model takes 300 to 900 ms as a rule, and a reply as long again: nothing is said that soon to who waits for it. */
export const promptMs = 1_200;
/** Nobody waits for anything. Only a caller who then speaks would wonder, and an opening of this length is a failing one. */
export const patientMs = 4_000;
/** Between tones. Longer, and people say "hello?". */
const betweenTonesMs = 2_500;

export class WaitingSounds {
  readonly #announcer: Announcer;
  readonly #line: Line;
  #timer: NodeJS.Timeout | undefined;
  #wereHeard = false;

  constructor(announcer: Announcer, line: Line) {
    this.#announcer = announcer;
    this.#line = line;
  }

  /** Since they began last. */
  get wereHeard(): boolean {
    return this.#wereHeard;
  }

  begin(afterMs: number): void {
    clearTimeout(this.#timer);
    this.#wereHeard = false;
    this.#timer = setTimeout(() => this.#fill('one-moment'), afterMs);
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
    this.#wereHeard = true;
    line.sendAudio(audio);
    return Math.max(audio.length / bytesPerMs(line.format), line.sentMs - line.playedMs);
  }
}
