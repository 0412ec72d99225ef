// Says why a call ended whose end nobody told us of: by what the carrier keeps of it, and by what we wanted and saw.
import type { CallEndReason } from '../../shared/call/call.ts';
import type { CallEvent } from '../../shared/call/call-event.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import type { CarrierCall } from '../../shared/telephony/call-control.ts';
import { isTwilioEndStatus, readTwilioEndReason } from '../twilio/end-reasons.ts';

/** In place of the carrier's own code: it was asked, and has none. */
export const foundEndCode = 'END_NOT_TOLD';

/** `events`: what the stream has of the call. */
export function readFoundEnd(state: CallState, events: readonly CallEvent[], carrier: CarrierCall): CallEndReason {
  const { askedToEnd, phase, direction, isTransferred } = state;
  if (isTwilioEndStatus(carrier.endStatus)) return readTwilioEndReason(carrier.endStatus, undefined, state);
  if (askedToEnd !== undefined) return askedToEnd;
  switch (phase) {
    case 'transferring':
      return isTransferred ? 'transferred' : 'caller-hung-up';
    case 'dialling':
    case 'ringing':
      return direction === 'outbound' ? 'no-answer' : 'caller-hung-up';
    case 'active':
    case 'ended': {
      // A carrier that closes its socket in order has ended the call: nobody on our side had asked for it.
      const media = events.findLast(({ type }) => type === 'media-started' || type === 'media-stopped');
      const wasEnded = media?.type === 'media-stopped' && media.clean && media.handedOver === undefined;
      const wasCutOff = media !== undefined && !wasEnded && state.mediaOverAt === undefined;
      return wasCutOff ? 'media-lost' : 'caller-hung-up';
    }
    default:
      return phase satisfies never;
  }
}
