// Watches over a recognition that may have fallen silent: what it owes us a sign of life for, for how long, and what is done then.

/**
 * A service tells that a turn begins as soon as it is sent audio, and that somebody speaks within half a second. After so long it
 * is not slow but gone. With the second try, the model is given up before those who wait for it give it up themselves.
 */
const signLimitMs = 3_000;
/** Of voice: more than a cough, and than a steady noise that begins. */
const leastUnheardMs = 1_200;
/** Recognition thinks for so long after the last word, and some more. */
const wordsLimitMs = 1_500;

export interface RecognitionWatchOptions {
  /** The connection is of no use: another one is needed. */
  onSilent(): void;
  /** Another connection was of no use either. */
  onGone(): void;
  /** Somebody spoke for a while, and recognition told of no word. `agoMs`: since they began. */
  onUnheard(agoMs: number): void;
}

export class RecognitionWatch {
  readonly #options: RecognitionWatchOptions;
  #sign: NodeJS.Timeout | undefined;
  #words: NodeJS.Timeout | undefined;
  /** Connections in a row that gave no sign of life. */
  #silent = 0;
  /** Another connection was opened for a voice that may have been noise: it is no reason again before there are words. */
  #doubtsVoice = false;
  /** The connection is gone, and the next one has not told anything yet. */
  #isLost = false;
  #voiceBeganAtMs: number | undefined;
  #hadWords = false;
  #hadNothing = false;

  constructor(options: RecognitionWatchOptions) {
    this.#options = options;
  }

  /** The first message is owed. */
  connected(): void {
    this.#expectSign();
  }

  /** There is nothing to expect of a connection that is known to be lost. */
  disconnected(): void {
    this.#isLost = true;
    this.#forgetSign();
  }

  /** Any message of the service; `isSpeech`: one that tells of somebody speaking. */
  receive(isSpeech: boolean): void {
    this.#forgetSign();
    this.#silent = 0;
    // What was said meanwhile is recognised only now.
    if (this.#isLost && this.#words !== undefined) this.#awaitWords();
    this.#isLost = false;
    if (isSpeech) this.#doubtsVoice = false;
  }

  receiveWords(): void {
    this.#hadWords = true;
    this.#forgetWords();
  }

  /** The service found no word in what it heard last: nothing more is on its way. */
  receiveNothing(): void {
    this.#hadNothing = true;
    if (this.#words !== undefined) this.#tellUnheard();
  }

  voiceBegan(): void {
    this.#forgetWords();
    this.#voiceBeganAtMs = performance.now();
    this.#hadWords = false;
    this.#hadNothing = false;
    if (!this.#doubtsVoice && this.#sign === undefined) this.#expectSign();
  }

  voiceEnded(loudMs: number): void {
    if (this.#voiceBeganAtMs === undefined || this.#hadWords || loudMs < leastUnheardMs) return;
    if (this.#hadNothing) this.#tellUnheard();
    else this.#awaitWords();
  }

  /** Idempotent. */
  close(): void {
    this.#forgetSign();
    this.#forgetWords();
  }

  #awaitWords(): void {
    this.#forgetWords();
    this.#words = setTimeout(() => {
      // Nobody listened: the words are still on their way.
      if (this.#isLost || this.#sign !== undefined) return this.#awaitWords();
      this.#tellUnheard();
    }, wordsLimitMs);
  }

  #tellUnheard(): void {
    this.#forgetWords();
    this.#options.onUnheard(performance.now() - (this.#voiceBeganAtMs ?? 0));
  }

  #forgetWords(): void {
    clearTimeout(this.#words);
    this.#words = undefined;
  }

  #forgetSign(): void {
    clearTimeout(this.#sign);
    this.#sign = undefined;
  }

  #expectSign(): void {
    clearTimeout(this.#sign);
    this.#sign = setTimeout(() => {
      this.#sign = undefined;
      this.#silent++;
      this.#doubtsVoice = true;
      if (this.#silent > 1) this.#options.onGone();
      else this.#options.onSilent();
    }, signLimitMs);
  }
}
