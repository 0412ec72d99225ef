// The way past this bridge on which a page talks with a voice service itself, for as long as it is used.
import type { OpenVoiceModel } from '../voice-models/voice-model.ts';

export class DirectVoice {
  /** The service's name of it: a secret between the page, the service and us. */
  readonly realtimeCallId: string;
  readonly #over = new AbortController();
  readonly #joined = Promise.withResolvers<void>();

  constructor(realtimeCallId: string) {
    this.realtimeCallId = realtimeCallId;
  }

  get isOpen(): boolean {
    return !this.#over.signal.aborted;
  }

  /** Aborted when either side has left it: the page's sound comes through its socket from then on. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Resolves when the agent is there to be talked to: nobody should talk with the service before. */
  get joined(): Promise<void> {
    return this.#joined.promise;
  }

  confirm(): void {
    this.#joined.resolve();
  }

  /** Idempotent. */
  end(): void {
    this.#over.abort();
  }
}

/** Joins the session that the page has, and opens a usual model where there is none, or none any more. */
export function openBeside(
  findDirect: () => DirectVoice | undefined,
  join: (direct: DirectVoice) => OpenVoiceModel,
  openUsual: OpenVoiceModel,
): OpenVoiceModel {
  return async (options) => {
    const direct = findDirect();
    if (!direct?.isOpen) return openUsual(options);
    try {
      const model = await join(direct)({ ...options, signal: AbortSignal.any([options.signal, direct.over]) });
      direct.confirm();
      return model;
    } catch (error) {
      options.signal.throwIfAborted();
      direct.end();
      throw error;
    }
  };
}
