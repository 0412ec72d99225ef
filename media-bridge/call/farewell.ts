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
  #lastHeard: readonly string[] = [];
  #held: (() => void)[] = [];
  #silence: NodeJS.Timeout | undefined;
  #limit: NodeJS.Timeout | undefined;

  constructor(options: FarewellOptions) {
    this.#options = options;
  }

  /**
   * `said`: the reply that is the goodbye, where the model said it as it decided. Its next one would be a second goodbye, so `goOn`,
   * which lets it speak, waits until the decision is taken back.
   */
  begin(said?: { readonly replyId: string; readonly goOn: () => void }): void {
    if (said) {
      this.#held.push(said.goOn);
      this.#goodbyeId ??= said.replyId;
    }
    if (this.#limit !== undefined) return;
    this.#limit = setTimeout(() => this.#finish(), limitMs);
    this.#silence = setInterval(() => {
      if (this.#options.isQuiet()) this.#finish();
    }, silenceMs);
    // A tool may take longer than the goodbye.
    if (said && this.#lastHeard.includes(said.replyId)) this.#finish();
  }

  get isUnderWay(): boolean {
    return this.#limit !== undefined;
  }

  replyStarted(replyId: string): void {
    if (this.#limit !== undefined) this.#goodbyeId ??= replyId;
  }

  repliesHeard(replyIds: readonly string[]): void {
    this.#lastHeard = replyIds;
    if (this.#goodbyeId !== undefined && replyIds.includes(this.#goodbyeId)) this.#finish();
  }

  /** The caller speaks again. */
  takeBack(): void {
    const held = this.#held;
    this.close();
    for (const goOn of held) goOn();
  }

  /** Idempotent. Nothing comes of it any more. */
  close(): void {
    this.#held = [];
    clearInterval(this.#silence);
    clearTimeout(this.#limit);
    this.#limit = undefined;
    this.#goodbyeId = undefined;
  }

  #finish(): void {
    this.close();
    this.#options.onDone();
  }
}
