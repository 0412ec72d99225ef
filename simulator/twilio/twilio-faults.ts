// The knobs that make the Twilio stand-in misbehave as the real one may. All are off at first and may be turned at any time.

import { createLinkFaults, type LinkFaults } from '../line/media-socket.ts';

export interface TwilioFaults {
  readonly rest: {
    /** So many requests are answered with `status` and `code` instead. */
    failNext: number;
    status: number;
    code: number;
    /** The request is carried out before the failure is reported: what a lost answer looks like. */
    afterProcessing: boolean;
    /** What is told of a call that has just ended; both were seen. */
    goneCode: 21220 | 20404;
  };
  readonly webhooks: {
    /** Signed with another key. */
    forge: boolean;
    /** Each status is told twice. */
    duplicate: boolean;
    /** A status leaves only after the next one; the last of all leaves at once. */
    swap: boolean;
    /** Statuses that never leave. */
    drop: (status: string) => boolean;
  };
  readonly media: LinkFaults & {
    forge: boolean;
  };
  readonly amd: {
    answeredBy: 'human' | 'machine_end_beep' | 'machine_end_silence' | 'machine_end_other' | 'fax' | 'unknown';
    afterMs: number;
  };
}

export function createTwilioFaults(): TwilioFaults {
  return {
    rest: { failNext: 0, status: 503, code: 20503, afterProcessing: false, goneCode: 21220 },
    webhooks: { forge: false, duplicate: false, swap: false, drop: () => false },
    media: { ...createLinkFaults(), forge: false },
    amd: { answeredBy: 'human', afterMs: 1500 },
  };
}
