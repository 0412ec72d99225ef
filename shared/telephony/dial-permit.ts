// Leave to dial one number once: counted when it is given, to be used or given back.
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { DialCounts, DialOrder } from '../stores/dial-counts.ts';

export interface DialPermitOptions {
  readonly number: string;
  readonly isFirst: boolean;
  readonly order: DialOrder;
  readonly counts: DialCounts;
  readonly log: Logger;
}

export class DialPermit {
  readonly number: string;
  /** False: an earlier try had this order and has not dialled. */
  readonly isFirst: boolean;
  readonly #order: DialOrder;
  readonly #counts: DialCounts;
  readonly #log: Logger;

  constructor({ number, isFirst, order, counts, log }: DialPermitOptions) {
    this.number = number;
    this.isFirst = isFirst;
    this.#order = order;
    this.#counts = counts;
    this.#log = log;
  }

  /** To be asked right before dialling. Throws STORE_UNAVAILABLE, also when it took so long that another try may dial. */
  async confirm(): Promise<void> {
    if (await this.#counts.confirm(this.#order)) return;
    throw new AppError('STORE_UNAVAILABLE', 'the stores were too slow for safe dialling: nobody was dialled');
  }

  /** Nobody was rung. Never throws: what cannot be given back runs out by itself. */
  async giveBack(): Promise<void> {
    await this.#counts.giveBack(this.#order).catch((error: unknown) => {
      this.#log.warn({ error }, 'what was counted and not dialled could not be given back');
    });
  }
}
