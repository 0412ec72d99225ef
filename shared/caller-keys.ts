// Under which name a caller is remembered: a hash of who they are, with a secret, since numbers are few enough to be tried all.
import { createHmac } from 'node:crypto';
import { type Config, requireSettings } from './config.ts';
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

/** The same in functions and bridge. Throws BAD_SETTING. */
export function createCallerKeys(config: Config): CallerKeys {
  if (config.CALLER_ID_SECRET !== undefined) return new CallerKeys(config.CALLER_ID_SECRET);
  const { MEDIA_TOKEN_SECRET } = requireSettings(config, 'the memory of callers', ['MEDIA_TOKEN_SECRET']);
  return new CallerKeys(createHmac('sha256', MEDIA_TOKEN_SECRET).update('caller ids').digest('hex'));
}
