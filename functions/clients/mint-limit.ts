// So many tickets and keys a minute for each client, whichever process is asked: who mints more is a program that went wrong, or somebody else.
import { createHash } from 'node:crypto';
import { AppError } from '../../shared/errors.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';

const windowMs = 60_000;

export interface MintLimitOptions {
  /** Shared by all processes. While that store is away, each may count for itself: nobody is refused for it. */
  readonly counts: Pick<CallLeases, 'count'>;
  /** What is minted. */
  readonly name: string;
  readonly perMinute: number;
}

export class MintLimit {
  readonly #options: MintLimitOptions;

  constructor(options: MintLimitOptions) {
    this.#options = options;
  }

  /** Throws TOO_MANY_REQUESTS. */
  async take(client: string): Promise<void> {
    const { counts, name, perMinute } = this.#options;
    // A store that is read by others needs no sign-in names.
    const who = createHash('sha256').update(client).digest('hex').slice(0, 32);
    const count = await counts.count(`mint:${name}:${who}`, windowMs);
    if (count > perMinute)
      throw new AppError('TOO_MANY_REQUESTS', `no more than ${perMinute} of these a minute: try again later`);
  }
}
