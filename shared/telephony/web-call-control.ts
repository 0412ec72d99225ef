// Calls of pages in browsers, which have no carrier: what a carrier would do is done here, and the call's events say so.
import type { CallId } from '../call/call.ts';
import { AppError } from '../errors.ts';
import type { CallControl, CarrierCall, NamedCall } from './call-control.ts';

export interface WebCallControlOptions {
  /** Writes down that a call is over, for the reason that somebody wanted its end. */
  readonly end: (callId: CallId) => Promise<void>;
  /** Where the pages' sockets are: has a page open another one. */
  readonly reconnect?: (callId: CallId) => void;
}

/** The carrier's name of such a call is our own. */
export class WebCallControl implements CallControl {
  readonly carrier = 'web';
  readonly #options: WebCallControlOptions;

  constructor(options: WebCallControlOptions) {
    this.#options = options;
  }

  /** Whoever serves it hears of the end by its events, and closes the socket. */
  async hangUp(carrierCallId: string): Promise<void> {
    await this.#options.end(carrierCallId as CallId);
  }

  /** Asked only of calls that nobody serves: a page that found no bridge again has gone. */
  async look(): Promise<CarrierCall> {
    return { phase: 'over' };
  }

  async countPeople(): Promise<number | undefined> {
    return undefined;
  }

  async restartMedia({ callId }: NamedCall): Promise<void> {
    this.#options.reconnect?.(callId);
  }

  async replaceMedia({ callId }: NamedCall): Promise<void> {
    this.#options.reconnect?.(callId);
  }

  async leave(): Promise<void> {}

  answer(): Promise<never> {
    return refuse('be answered');
  }

  dial(): Promise<never> {
    return refuse('be dialled');
  }

  reject(): Promise<never> {
    return refuse('be rejected');
  }

  announce(): Promise<never> {
    return refuse('play a recording');
  }

  transfer(): Promise<never> {
    return refuse('be handed over');
  }

  join(): Promise<never> {
    return refuse('be joined with another');
  }

  sendDigits(): Promise<never> {
    return refuse('press keys');
  }
}

async function refuse(action: string): Promise<never> {
  throw new AppError('CARRIER_REFUSED', `a call in a browser cannot ${action}`);
}
