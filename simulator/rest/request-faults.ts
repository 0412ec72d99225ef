// What a carrier's REST API may do with a request in place of answering it: fail, be slow, cut the line, or say nothing at all.

export interface RequestFailure {
  readonly status: number;
  /** In the body; the API's usual one for the status if left out. */
  readonly code?: string | number;
  /** What the API says of it, in place of a sentence that says nothing. */
  readonly message?: string;
  readonly retryAfterSeconds?: number;
}

export interface RequestFault {
  /** By the stand-in's name of it; any if left out. */
  readonly operation?: string;
  /** So many requests; Infinity: until it is taken back. One if left out. */
  readonly times?: number;
  /** In place of the true answer: an error, a connection that is cut, or nothing for as long as the client waits. */
  readonly instead?: RequestFailure | 'cut' | 'silence';
  /** Carried out all the same: with `instead` that is an answer which is lost. Without `instead` requests always are. */
  readonly carriedOut?: boolean;
  /** What is answered comes so much later. */
  readonly lateMs?: number;
}

export class RequestFaults {
  #waiting: { readonly fault: RequestFault; left: number }[] = [];

  /** The first one that fits a request is used. The result takes it back. */
  add(fault: RequestFault): () => void {
    const entry = { fault, left: fault.times ?? 1 };
    this.#waiting.push(entry);
    return () => {
      entry.left = 0;
    };
  }

  clear(): void {
    this.#waiting = [];
  }

  /** Carries the request out, or not, and resolves to what is answered. */
  async answer<Reply>(
    operation: string,
    request: {
      carryOut(): Promise<Reply>;
      fail(failure: RequestFailure): Reply;
      sleep(ms: number): Promise<unknown>;
    },
  ): Promise<Reply | 'cut' | 'silence'> {
    const { instead, lateMs = 0, carriedOut = instead === undefined } = this.#take(operation) ?? {};
    const reply = carriedOut ? await request.carryOut() : undefined;
    if (lateMs > 0) await request.sleep(lateMs);
    if (instead === undefined) return reply!;
    return typeof instead === 'string' ? instead : request.fail(instead);
  }

  #take(operation: string): RequestFault | undefined {
    this.#waiting = this.#waiting.filter(({ left }) => left > 0);
    const entry = this.#waiting.find(({ fault }) => fault.operation === undefined || fault.operation === operation);
    if (!entry) return undefined;
    entry.left--;
    return entry.fault;
  }
}
