// Whether a WebSocket upgrade comes from Twilio, judged before the 101.
import { isSignedByTwilio } from '../../shared/telephony/twilio-signature.ts';

export interface TwilioUpgrade {
  readonly authToken: string;
  /** As written in the TwiML: the signature is made over wss://, not https://. */
  readonly bridgeUrl: string;
  /** As it arrived: `request.url`. */
  readonly path: string;
  readonly signature: string | string[] | undefined;
}

/** The same URL has the same signature for ever: the token in `start` still has to be checked. */
export function isTwilioUpgradeAllowed({ authToken, bridgeUrl, path, signature }: TwilioUpgrade): boolean {
  return typeof signature === 'string' && isSignedByTwilio({ authToken, publicUrl: bridgeUrl, path, signature });
}
