// So many tickets and keys a minute for each client: who mints more is a program that went wrong, or somebody else.
import { AppError } from '../../shared/errors.ts';

const windowMs = 60_000;
/** People with a sign-in, and programs with a key. The oldest is forgotten: who comes back after so many others has waited. */
const maxClients = 1_000;

export class MintLimit {
  readonly #perMinute: number;
  /** When each client minted last, oldest first. */
  readonly #times = new Map<string, number[]>();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Throws TOO_MANY_REQUESTS. One process counts for itself. */
  take(client: string): void {
    const now = Date.now();
    const recent = (this.#times.get(client) ?? []).filter((at) => at > now - windowMs);
    if (recent.length >= this.#perMinute)
      throw new AppError('TOO_MANY_REQUESTS', `no more than ${this.#perMinute} of these a minute: try again later`);
    this.#times.delete(client);
    this.#times.set(client, [...recent, now]);
    if (this.#times.size > maxClients) this.#times.delete(this.#times.keys().next().value!);
  }
}
