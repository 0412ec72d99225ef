// The knobs that make the ACS stand-in misbehave as the real one may. All are off at first and may be turned at any time.
import { createDeliveryFaults, type DeliveryFaults } from '../delivery/unruly-delivery.ts';
import { createLinkFaults, type LinkFaults } from '../line/media-socket.ts';
import type { TokenForgery } from './acs-token-issuer.ts';

export interface AcsFaults {
  readonly rest: {
    /** So many requests are answered with `status` instead. */
    failNext: number;
    status: number;
    retryAfterSeconds: number | undefined;
    /** The request is carried out before the failure is reported: what a lost answer looks like. */
    afterProcessing: boolean;
  };
  readonly callbacks: DeliveryFaults & {
    forge: TokenForgery;
    /** An event of this type (without `Microsoft.Communication.`) never leaves. */
    drop: (type: string) => boolean;
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
  };
}

export function createAcsFaults(): AcsFaults {
  return {
    rest: { failNext: 0, status: 503, retryAfterSeconds: undefined, afterProcessing: false },
    callbacks: { ...createDeliveryFaults(), forge: 'none', drop: () => false, connectedFirst: false },
    media: {
      ...createLinkFaults(),
      forge: 'none',
      reconnectAttempts: 0,
      reconnectDelayMs: 1_000,
      lingerMs: 0,
      casing: 'documented',
    },
  };
}
