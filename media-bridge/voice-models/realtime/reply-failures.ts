// Replies of a service that fail one after the other: one is asked for again, and then another model serves the caller better.
import { AppError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/logger.ts';

/** After the second the caller has waited long enough. */
const maxInARow = 2;

/** The consequences of two sides speaking at once. */
const harmlessErrors: ReadonlySet<string> = new Set([
  'conversation_already_has_active_response',
  'response_cancel_not_active',
  'item_delete_invalid_item_id',
  'item_truncate_invalid_item_id',
  'unsupported_content_type',
]);

export class ReplyFailures {
  readonly #service: string;
  readonly #log: Logger;
  #inARow = 0;

  constructor({ service, log }: { readonly service: string; readonly log: Logger }) {
    this.#service = service;
    this.#log = log;
  }

  /** The end of the model, if that was one too many. */
  count(code: string): AppError | undefined {
    this.#inARow += 1;
    this.#log.warn({ code, failures: this.#inARow }, 'a reply failed');
    if (this.#inARow < maxInARow) return undefined;
    const kind = /rate_limit|quota|429/.test(code) ? 'MODEL_THROTTLED' : 'MODEL_UNAVAILABLE';
    return new AppError(kind, `${this.#service} makes no replies (${code}).`);
  }

  /** A reply came to its end. */
  forget(): void {
    this.#inARow = 0;
  }
}

/** Nothing has failed: what was asked for had become pointless. */
export function isHarmless(code: string): boolean {
  return harmlessErrors.has(code);
}
