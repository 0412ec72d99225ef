// The knobs that make the Twilio stand-in misbehave as the real one may. All are off at first and may be turned at any time.

import { createDeliveryFaults, type DeliveryFaults } from '../delivery/unruly-delivery.ts';
import { createLinkFaults, type LinkFaults } from '../line/media-socket.ts';
import { RequestFaults } from '../rest/request-faults.ts';
import type { StreamIdentity } from './twilio-stream-wire.ts';

export interface TwilioFaults {
  /** `createCall`, `fetchCall`, `listCalls`, `hangUp` (an update to completed or canceled), `redirect`, `deleteCall`. */
  readonly rest: RequestFaults;
  /** What is told of a call that has just ended; both were seen. */
  goneCode: 21220 | 20404;
  /** Statuses by their names in CallStatus. */
  readonly webhooks: DeliveryFaults & {
    /** Signed with another key. */
    forge: boolean;
    /** Fields of every web hook that say something else than is true. */
    claim: Readonly<Record<string, string>>;
  };
  /** Nobody is told that a recording is there. */
  losesRecordingCallbacks: boolean;
  readonly media: LinkFaults & {
    forge: boolean;
    /** Each `timestamp` is up to so many whole ms off the 20 ms grid, either way; live ones are, by 1. Below 10. */
    stampJitterMs: number;
    /** Ids that the messages carry in place of the true ones. */
    claim: Partial<StreamIdentity>;
  };
  readonly amd: {
    answeredBy: 'human' | 'machine_end_beep' | 'machine_end_silence' | 'machine_end_other' | 'fax' | 'unknown';
    afterMs: number;
  };
}

export function createTwilioFaults(): TwilioFaults {
  return {
    rest: new RequestFaults(),
    goneCode: 21220,
    losesRecordingCallbacks: false,
    webhooks: { ...createDeliveryFaults(), forge: false, claim: {} },
    media: { ...createLinkFaults(), forge: false, stampJitterMs: 0, claim: {} },
    amd: { answeredBy: 'human', afterMs: 1500 },
  };
}
