// What the caller said, word by word, of turns whose transcripts are still coming.

/** A service transcribes a turn while the next one is spoken at most. */
const maxOpenTranscripts = 16;

export class CallerWords {
  readonly #open = new Map<string, string>();

  /** The words of the turn so far; nothing where there are none. */
  add({ itemId, delta }: { readonly itemId: string; readonly delta: string }): string {
    const text = (this.#open.get(itemId) ?? '') + delta;
    this.#open.set(itemId, text);
    const [oldest] = this.#open.keys();
    if (this.#open.size > maxOpenTranscripts) this.#open.delete(oldest!);
    return text.trim();
  }

  /** All its words, as the service tells them at its end. */
  finish(itemId: string, text: string): string {
    this.#open.delete(itemId);
    return text.trim();
  }
}
