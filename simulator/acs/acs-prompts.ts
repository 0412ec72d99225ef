// The prompts of one call: texts and files that the service itself plays to the caller, one after the other.
import { phoneFrameSamples, phoneSampleRate } from '../caller/phone.ts';

export interface Prompt {
  /** 16 kHz. */
  readonly samples: Int16Array;
  /** Again and again, until it is cancelled. */
  readonly loop: boolean;
  readonly onStarted: () => void;
  readonly onCompleted: () => void;
  readonly onCanceled: () => void;
}

/** Speech takes about so long a character: the length of a prompt that nobody renders. */
const silentMsPerCharacter = 60;

export function createSilentPrompt(characters: number, timeScale: number): Int16Array {
  return new Int16Array(Math.round((characters * silentMsPerCharacter * timeScale * phoneSampleRate) / 1000));
}

/** More prompts than anybody queues on one call. */
const maxQueued = 50;

export class AcsPrompts {
  #queue: Prompt[] = [];
  #position = 0;
  #started = false;

  /** False: too many wait already. */
  add(prompt: Prompt): boolean {
    if (this.#queue.length >= maxQueued) return false;
    this.#queue.push(prompt);
    return true;
  }

  cancel(): void {
    const canceled = this.#queue;
    this.#queue = [];
    this.#position = 0;
    this.#started = false;
    for (const prompt of canceled) prompt.onCanceled();
  }

  /** Adds the next 20 ms to what the caller hears. */
  mixInto(frame: Int16Array): void {
    const prompt = this.#queue[0];
    if (!prompt) return;
    if (!this.#started) prompt.onStarted();
    this.#started = true;
    const piece = prompt.samples.subarray(this.#position, this.#position + phoneFrameSamples);
    for (let i = 0; i < piece.length; i++) frame[i] = Math.max(-32768, Math.min(32767, frame[i]! + piece[i]!));
    this.#position += phoneFrameSamples;
    if (this.#position < prompt.samples.length) return;
    this.#position = 0;
    if (prompt.loop) return;
    this.#queue.shift();
    this.#started = false;
    prompt.onCompleted();
  }
}
