// What was received of one reply, item by item, and how to make the model forget what the caller did not hear of it.
import { type AudioFormat, bytesPerMs } from '../../audio/audio-format.ts';
import { findHeardWords } from '../heard-words.ts';

/** Twice as fast as anybody speaks, in any language. */
const leastMsPerCharacter = 20;
/** Of a word or two there may be next to nothing. */
const fewCharacters = 20;

interface SpokenItem {
  readonly itemId: string;
  contentIndex: number;
  receivedBytes: number;
  text: string;
}

export type Cut =
  | { type: 'truncate'; itemId: string; contentIndex: number; audioEndMs: number }
  /** Nothing of it was heard: a service refuses to truncate to nothing. */
  | { type: 'delete'; itemId: string };

export class SpokenItems {
  readonly #bytesPerMs: number;
  readonly #items: SpokenItem[] = [];
  #isComplete = false;

  constructor(format: AudioFormat) {
    this.#bytesPerMs = bytesPerMs(format);
  }

  /** The words of all items so far. */
  get text(): string {
    return this.#items
      .map(({ text }) => text.trim())
      .filter(Boolean)
      .join(' ');
  }

  get receivedMs(): number {
    return this.#items.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0) / this.#bytesPerMs;
  }

  /** What was received cannot be all of these words. */
  get hasLostSound(): boolean {
    const { length } = this.text;
    return length >= fewCharacters && this.receivedMs < length * leastMsPerCharacter;
  }

  begin(itemId: string): void {
    this.#getItem(itemId);
  }

  addAudio(itemId: string, contentIndex: number, bytes: number): void {
    const item = this.#getItem(itemId);
    item.contentIndex = contentIndex;
    item.receivedBytes += bytes;
  }

  addText(itemId: string, delta: string): void {
    this.#getItem(itemId).text += delta;
  }

  setText(itemId: string, text: string): void {
    this.#getItem(itemId).text = text;
  }

  /** All of the reply has come. */
  complete(): void {
    this.#isComplete = true;
  }

  /** The words in the first `heardMs`, of all items together. */
  wordsHeard(heardMs: number): string {
    const pieces = this.#items.map(({ text, receivedBytes }, index) => ({
      text: `${text.trim()} `,
      receivedMs: receivedBytes / this.#bytesPerMs,
      // One item is spoken after the other.
      isComplete: this.#isComplete || index < this.#items.length - 1,
    }));
    return findHeardWords(pieces, heardMs);
  }

  /** Whole ms, never more than was received: services refuse that. Items that were heard to their end stay as they are. */
  cutAt(heardMs: number): readonly Cut[] {
    const cuts: Cut[] = [];
    let startMs = 0;
    for (const [index, { itemId, contentIndex, receivedBytes }] of this.#items.entries()) {
      const receivedMs = receivedBytes / this.#bytesPerMs;
      const audioEndMs = Math.floor(Math.min(heardMs - startMs, receivedMs));
      const isLast = index === this.#items.length - 1;
      startMs += receivedMs;
      if (audioEndMs <= 0) cuts.push({ type: 'delete', itemId });
      else if (isLast || heardMs < startMs) cuts.push({ type: 'truncate', itemId, contentIndex, audioEndMs });
    }
    return cuts;
  }

  #getItem(itemId: string): SpokenItem {
    const known = this.#items.find((item) => item.itemId === itemId);
    if (known) return known;
    const item = { itemId, contentIndex: 0, receivedBytes: 0, text: '' };
    this.#items.push(item);
    return item;
  }
}
