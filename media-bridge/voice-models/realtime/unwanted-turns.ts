// What the caller said and what was no turn: leaves the conversation as soon as there is an item of it.

/** A service makes an item of a turn as soon as that is over. */
const maxRemembered = 32;

export class UnwantedTurns {
  /** The newest items of the conversation. */
  readonly #items = new Set<string>();
  readonly #awaited = new Set<string>();

  /** An item joined the conversation. True: it is to leave it. */
  add(itemId: string): boolean {
    if (this.#awaited.delete(itemId)) return true;
    remember(this.#items, itemId);
    return false;
  }

  /** These were no turns. Returns those that are to leave the conversation now; the others do when they join it. */
  drop(turnIds: readonly string[]): readonly string[] {
    return turnIds.filter((turnId) => {
      if (this.#items.delete(turnId)) return true;
      remember(this.#awaited, turnId);
      return false;
    });
  }
}

function remember(ids: Set<string>, id: string): void {
  ids.add(id);
  const [oldest] = ids;
  if (ids.size > maxRemembered) ids.delete(oldest!);
}
