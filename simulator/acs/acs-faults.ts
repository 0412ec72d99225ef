// The knobs that make the ACS stand-in misbehave as the real one may. All are off at first and may be turned at any time.
import { createDeliveryFaults, type DeliveryFaults } from '../delivery/unruly-delivery.ts';
import { createLinkFaults, type LinkFaults } from '../line/media-socket.ts';
import { RequestFaults } from '../rest/request-faults.ts';
import type { TokenForgery } from './acs-token-issuer.ts';

export interface AcsFaults {
  /** By the names of the operations: `createCall`, `answerCall`, `hangUp`, `startMediaStreaming` … */
  readonly rest: RequestFaults;
  /** Events by their types without `Microsoft.Communication.` */
  readonly callbacks: DeliveryFaults & {
    forge: TokenForgery;
    /** The usual order is ParticipantsUpdated before CallConnected. */
    connectedFirst: boolean;
  };
  readonly media: LinkFaults & {
    forge: TokenForgery;
    /** Attempts after a lost socket; none: the stream fails at once. The real number is not documented. */
    reconnectAttempts: number;
    reconnectDelayMs: number;
    /** The socket closes so long after the call ended: the callback comes first. */
    lingerMs: number;
    casing: 'documented' | 'pascal';
    /** So many starts are accepted, and fail before a socket is dialled. */
    failStarts: number;
    /** How they fail: `mediaStreamingStatusDetails` of the event, and its result. */
    failStartsWith: {
      details: 'tooManyRequests' | 'serviceTimeout' | 'unspecifiedError';
      code: number;
      subCode: number;
    };
  };
}

export function createAcsFaults(): AcsFaults {
  return {
    rest: new RequestFaults(),
    callbacks: { ...createDeliveryFaults(), forge: 'none', connectedFirst: false },
    media: {
      ...createLinkFaults(),
      forge: 'none',
      reconnectAttempts: 0,
      reconnectDelayMs: 1_000,
      lingerMs: 0,
      casing: 'documented',
      failStarts: 0,
      failStartsWith: { details: 'tooManyRequests', code: 429, subCode: 8578 },
    },
  };
}
