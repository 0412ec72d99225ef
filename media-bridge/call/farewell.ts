// The end of a call that the agent decided on: lets the goodbye be heard before the line closes.

/** A model that was asked for a goodbye and says nothing for so long has said all it wants. */
const silenceMs = 3_000;
/** However long the goodbye is. */
const limitMs = 20_000;

export interface FarewellOptions {
  /** Nothing of the agent's is being made or played. */
  isQuiet(): boolean;
  /** Closes the line. Called once, unless taken back. */
  onDone(): void;
}

/** Done when a reply that began after the decision was heard to its end, or after silence, or at the limit. */
export class Farewell {
  readonly #options: FarewellOptions;
  #goodbyeId: string | undefined;
  #silence: NodeJS.Timeout | undefined;
  #limit: NodeJS.Timeout | undefined;

  constructor(options: FarewellOptions) {
    this.#options = options;
  }

  begin(): void {
    if (this.#limit !== undefined) return;
    this.#limit = setTimeout(() => this.#finish(), limitMs);
    this.#silence = setInterval(() => {
      if (this.#options.isQuiet()) this.#finish();
    }, silenceMs);
  }

  replyStarted(replyId: string): void {
    if (this.#limit !== undefined) this.#goodbyeId ??= replyId;
  }

  repliesHeard(replyIds: readonly string[]): void {
    if (this.#goodbyeId !== undefined && replyIds.includes(this.#goodbyeId)) this.#finish();
  }

  /** The caller speaks again, or the call is over. */
  takeBack(): void {
    clearInterval(this.#silence);
    clearTimeout(this.#limit);
    this.#limit = undefined;
    this.#goodbyeId = undefined;
  }

  #finish(): void {
    this.takeBack();
    this.#options.onDone();
  }
}
