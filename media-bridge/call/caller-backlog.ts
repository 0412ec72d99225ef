// What the caller said that no model may have understood yet: the turn in progress, and all that was said while there was no model.
import { type AudioFormat, bytesPerMs, frameMs } from '../audio/audio-format.ts';
import { ByteRing } from '../audio/byte-ring.ts';

/** A model tells of a turn when it has lasted for some 300 ms, and wants to hear what came just before it. */
const preRollMs = 1_000;
/** A caller who speaks for longer without being understood is asked to say it again. */
const maxHeldMs = 30_000;

export class CallerBacklog {
  readonly #bytesPerMs: number;
  readonly #audio: ByteRing;
  /** The length of each piece of it. */
  #pieces: number[] = [];
  #hasTurn = false;
  #hasModel = true;

  constructor(format: AudioFormat) {
    this.#bytesPerMs = bytesPerMs(format);
    // A frame more than is kept, before it is let go.
    this.#audio = new ByteRing((preRollMs + frameMs) * this.#bytesPerMs);
  }

  /** The caller has said something, or is saying it, that nobody has understood. */
  get hasTurn(): boolean {
    return this.#hasTurn;
  }

  /** Copies. Beyond the bound the oldest goes. */
  add(audio: Buffer): void {
    this.#audio.push(audio);
    this.#pieces.push(audio.length);
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
      this.#audio.clear();
    }
    this.#hasModel = false;
  }

  /** For the next model, in the order it came. A turn stays here: this model may be lost before it has understood it. */
  give(): readonly Buffer[] {
    let at = 0;
    const pieces = this.#pieces.map((bytes) => {
      const piece = Buffer.alloc(bytes);
      at += this.#audio.peek(piece, at);
      return piece;
    });
    this.#hasModel = true;
    this.#trim();
    return pieces;
  }

  #trim(): void {
    const keptMs = this.#hasTurn || !this.#hasModel ? maxHeldMs : preRollMs;
    while (this.#audio.bytes > keptMs * this.#bytesPerMs) this.#audio.drop(this.#pieces.shift()!);
  }
}
