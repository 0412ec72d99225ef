// What the caller said that no model may have understood yet: the turn in progress, and all that was said while there was no model.
import { type AudioFormat, bytesPerMs } from '../audio/audio-format.ts';
import { ByteQueue } from '../audio/byte-queue.ts';

/** A model tells of a turn when it has lasted for some 300 ms, and wants to hear what came just before it. */
const preRollMs = 1_000;
/** A caller who speaks for longer without being understood is asked to say it again. Of a silence only the pre-roll counts. */
const maxHeldMs = 30_000;
/** Words begin more softly than our ear takes for a voice. */
const softBeginningMs = 100;

/** What our own ear makes of the line. */
export interface LineMoment {
  /** For how long somebody has been speaking of whom the model took no notice. */
  readonly unnoticedMs: number;
  /** For how long nothing has been loud enough to be anything. */
  readonly quietMs: number;
}

export class CallerBacklog {
  readonly #bytesPerMs: number;
  readonly #audio = new ByteQueue();
  /** The length of each piece of it. */
  #pieces: number[] = [];
  #hasTurn = false;
  #hasModel = true;
  #unnoticedMs = 0;

  constructor(format: AudioFormat) {
    this.#bytesPerMs = bytesPerMs(format);
  }

  /** The caller has said something, or is saying it, that nobody has understood. */
  get hasTurn(): boolean {
    return this.#hasTurn;
  }

  /** And it can be heard again: none of it where the caller speaks past this bridge. */
  get hasVoice(): boolean {
    return this.#hasTurn && this.#pieces.length > 0;
  }

  /** Copies. Beyond the bound the oldest goes. */
  add(audio: Buffer, { unnoticedMs, quietMs }: LineMoment): void {
    this.#unnoticedMs = unnoticedMs;
    if (quietMs <= preRollMs) {
      this.#audio.push(audio);
      this.#pieces.push(audio.length);
      this.#trim(this.#isCalm ? Math.min(Math.max(preRollMs, this.#sinceVoiceMs), maxHeldMs) : maxHeldMs);
    } else if (this.#isCalm && this.#pieces.length > 0) this.#trim(0);
  }

  /** The caller speaks. */
  beginTurn(): void {
    this.#hasTurn = true;
  }

  /** What was said was written down, or is being answered; but not what is being said, if no model has noticed it yet. */
  settleTurn(): void {
    this.#hasTurn = false;
    if (this.#hasModel) this.#trim(this.#sinceVoiceMs);
  }

  /** From here on nobody listens. */
  loseModel(): void {
    if (this.#isCalm) this.#trim(this.#sinceVoiceMs);
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
    if (!this.#hasTurn) this.#trim(preRollMs);
    return pieces;
  }

  get #isCalm(): boolean {
    return this.#hasModel && !this.#hasTurn;
  }

  /** Before it all is answered, or nothing. */
  get #sinceVoiceMs(): number {
    return this.#unnoticedMs === 0 ? 0 : this.#unnoticedMs + softBeginningMs;
  }

  #trim(keptMs: number): void {
    while (this.#audio.bytes > keptMs * this.#bytesPerMs) this.#audio.drop(this.#pieces.shift()!);
    if (this.#pieces.length === 0) this.#audio.clear();
  }
}
