// Shows those who watch what is being said: often enough to read along, and no oftener.
import { type Speaker, speakers } from '../../shared/call/call.ts';

/** Models write ten words a second and more; nobody reads single words faster than this. */
const intervalMs = 150;

export class PartialTranscripts {
  readonly #show: (role: Speaker, text: string) => void;
  readonly #turns = new Map<Speaker, { timer: NodeJS.Timeout; newer?: string }>();

  constructor(show: (role: Speaker, text: string) => void) {
    this.#show = show;
  }

  /** `text` is the whole turn so far. What was not shown yet is outdated by it. */
  update(role: Speaker, text: string): void {
    const turn = this.#turns.get(role);
    if (turn) turn.newer = text;
    else this.#showNow(role, text);
  }

  /** The turn is over and was written down: what is left of it is old. */
  finish(role: Speaker): void {
    clearTimeout(this.#turns.get(role)?.timer);
    this.#turns.delete(role);
  }

  close(): void {
    for (const role of speakers) this.finish(role);
  }

  #showNow(role: Speaker, text: string): void {
    this.#show(role, text);
    const timer = setTimeout(() => {
      const newer = this.#turns.get(role)?.newer;
      this.#turns.delete(role);
      if (newer !== undefined) this.#showNow(role, newer);
    }, intervalMs);
    this.#turns.set(role, { timer: timer.unref() });
  }
}
