// What the caller said that no model may have understood yet: the turn in progress, and all that was said while there was no model.
import { type AudioFormat, bytesPerMs } from '../audio/audio-format.ts';

/** A model tells of a turn when it has lasted for some 300 ms, and wants to hear what came just before it. */
const preRollMs = 1_000;
/** A caller who speaks for longer without being understood is asked to say it again. */
const maxHeldMs = 30_000;

export class CallerBacklog {
  readonly #bytesPerMs: number;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #hasTurn = false;
  #hasModel = true;

  constructor(format: AudioFormat) {
    this.#bytesPerMs = bytesPerMs(format);
  }

  /** The caller has said something, or is saying it, that nobody has understood. */
  get hasTurn(): boolean {
    return this.#hasTurn;
  }

  /** Copies. Beyond the bound the oldest goes. */
  add(audio: Buffer): void {
    this.#pieces.push(Buffer.from(audio));
    this.#bytes += audio.length;
    this.#trim();
  }

  /** The caller speaks. */
  beginTurn(): void {
    this.#hasTurn = true;
  }

  /** The turn was written down, or is being answered. */
  settleTurn(): void {
    this.#hasTurn = false;
    this.#trim();
  }

  /** From here on nobody listens. */
  loseModel(): void {
    if (this.#hasModel && !this.#hasTurn) {
      this.#pieces = [];
      this.#bytes = 0;
    }
    this.#hasModel = false;
  }

  /** For the next model, in the order it came. A turn stays here: this model may be lost before it has understood it. */
  give(): readonly Buffer[] {
    const pieces = [...this.#pieces];
    this.#hasModel = true;
    this.#trim();
    return pieces;
  }

  #trim(): void {
    const keptMs = this.#hasTurn || !this.#hasModel ? maxHeldMs : preRollMs;
    while (this.#bytes > keptMs * this.#bytesPerMs) this.#bytes -= this.#pieces.shift()!.length;
  }
}
