// The addresses we give to a carrier: where it tells what becomes of a call, and where it opens the call's media socket.
import type { CallId, Carrier } from '../call/call.ts';
import type { MediaTicket, MediaTokens } from '../media-token.ts';
import { findTraceparent } from '../telemetry/trace-context.ts';
import { formatTwilioHookUrl } from '../telephony/twilio-twiml.ts';

export interface CallUrlsOptions {
  readonly publicUrl: string;
  readonly bridgeUrl: string;
  readonly tokens: MediaTokens;
}

export class CallUrls {
  readonly #options: CallUrlsOptions;

  constructor(options: CallUrlsOptions) {
    this.#options = options;
  }

  callback(carrier: Carrier, callId: CallId): string {
    const { publicUrl } = this.#options;
    return carrier === 'twilio'
      ? formatTwilioHookUrl(publicUrl, 'status', callId)
      : `${publicUrl}/api/callbacks/${callId}`;
  }

  /** Lets this one call in, for as long as its token lives: a secret. Twilio's token travels in its stream instead. */
  async media(ticket: MediaTicket): Promise<string> {
    const { bridgeUrl, tokens } = this.#options;
    const { callId, carrier } = ticket;
    return carrier === 'twilio'
      ? `${bridgeUrl}/ws/media/${callId}`
      : `${bridgeUrl}/media/acs/${callId}/${await tokens.sign({ traceparent: findTraceparent(), ...ticket })}`;
  }
}
