// Under which name a caller is remembered: a hash of who they are, with a secret, since numbers are few enough to be tried all.
import { createHmac } from 'node:crypto';
import type { CallerKey } from './stores/caller-memory.ts';

/** Numbers, and identifiers of carriers; a caller who withholds the number is nobody. */
const known = /^(\+[1-9]\d{6,14}|\d{1,2}:[\w:.-]{8,})$/;

export class CallerKeys {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** Undefined for who cannot be told from others. */
  find(party: string | undefined): CallerKey | undefined {
    if (party === undefined || !known.test(party)) return undefined;
    return createHmac('sha256', this.#secret).update(party).digest('base64url') as CallerKey;
  }
}
