// Finds the call that Twilio means: by the id in our own URL, or by Twilio's SID.
import { createHash } from 'node:crypto';
import type { CallId } from '../../shared/call/call.ts';
import type { Logger } from '../../shared/logger.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';
import type { TwilioHookRequest } from './hook-messages.ts';

/** Longer than the longest call that Twilio allows. */
const nameTtlMs = 24 * 3_600_000;

export class TwilioCallNames {
  readonly #leases: CallLeases;
  readonly #log: Logger;

  constructor(options: { readonly leases: CallLeases; readonly log: Logger }) {
    this.#leases = options.leases;
    this.#log = options.log;
  }

  /**
   * What Twilio is told to ask of us has our id in its URL, so that no store is needed to know the call. For what has not, the
   * first request that holds both keeps the pair. An incoming call's id is made from its SID.
   */
  async find({ callId, callSid, parentCallSid }: TwilioHookRequest): Promise<CallId> {
    const sid = parentCallSid ?? callSid;
    const name = `twilio-call/${sid}`;
    if (callId === undefined) {
      const named = await this.#leases.find(name).catch((error: unknown) => this.#tell(error));
      return (named?.owner as CallId | undefined) ?? createInboundTwilioCallId(sid);
    }
    // A caller may be waiting for the answer, and not for this.
    this.#leases.acquire(name, callId, nameTtlMs).catch((error: unknown) => this.#tell(error));
    return callId;
  }

  #tell(error: unknown): undefined {
    this.#log.error({ error }, 'the names of Twilio calls cannot be kept');
  }
}

/** The same for each request about one call, in each process. */
export function createInboundTwilioCallId(callSid: string): CallId {
  return `in-${createHash('sha256').update(`twilio|${callSid}`).digest('hex').slice(0, 32)}` as CallId;
}
