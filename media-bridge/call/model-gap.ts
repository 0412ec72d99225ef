// Fills the time without a voice model, so that the line is never dead: a spoken "one moment", then a soft tone.
import { bytesPerMs } from '../audio/audio-format.ts';
import type { MediaTransport } from '../transports/media-transport.ts';
import type { Announcement, Announcer } from './announcer.ts';

/** Opening a model takes 300 to 900 ms as a rule, and a reply as long again: nothing is said that soon. */
const quietMs = 1_200;
/** Between tones. Longer, and people say "hello?". */
const betweenTonesMs = 2_500;

export class ModelGap {
  readonly #announcer: Announcer;
  readonly #getTransport: () => MediaTransport;
  #timer: NodeJS.Timeout | undefined;

  constructor(announcer: Announcer, getTransport: () => MediaTransport) {
    this.#announcer = announcer;
    this.#getTransport = getTransport;
  }

  open(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fill('one-moment'), quietMs);
  }

  /** Somebody speaks. What is being announced is heard to its end; it is short. */
  silence(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Resolves when the caller has heard that nobody can be had. */
  async apologise(signal: AbortSignal): Promise<void> {
    this.silence();
    if (signal.aborted) return;
    const lengthMs = this.#play('apology');
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, lengthMs);
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
  }

  close(): void {
    this.silence();
  }

  #fill(announcement: Announcement): void {
    const lengthMs = this.#play(announcement);
    this.#timer = setTimeout(() => this.#fill('hold'), lengthMs + betweenTonesMs);
  }

  /** In ms from now until it is heard to its end. */
  #play(announcement: Announcement): number {
    const transport = this.#getTransport();
    const audio = this.#announcer.getAudio(announcement, transport.format);
    transport.sendAudio(audio);
    return Math.max(audio.length / bytesPerMs(transport.format), transport.sentMs - transport.playedMs);
  }
}
