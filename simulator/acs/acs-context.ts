// What every call of the ACS stand-in needs from the service it lives in.
import type { Phone, Pickup } from '../caller/phone.ts';
import type { ScaledTimers } from '../delivery/scaled-timers.ts';
import type { AcsFaults } from './acs-faults.ts';
import type { AcsTokenIssuer } from './acs-token-issuer.ts';

export const acsApiVersion = '2026-03-12';

/** An incoming call that the application may answer, seen by who rings. */
export interface AnnouncedCall {
  /** Rejects when it ends unanswered. */
  readonly connected: Promise<void>;
  giveUp(): void;
}

export interface AcsContext {
  readonly resourceId: string;
  /** The application's own identity in every call. */
  readonly applicationRawId: string;
  readonly phoneNumber: string;
  /** Object ids of the Teams resource accounts that the resource may act for. */
  readonly teamsAccounts: ReadonlySet<string>;
  /** All numbers of the resource: whoever rings one of them is announced to the application. */
  readonly lines: ReadonlySet<string>;
  announce(call: { readonly from: string; readonly to: string; readonly phone: Phone }): AnnouncedCall;
  /** The live service refuses plain http callbacks and ws media; on loopback that is all there is. */
  readonly secureUrlsOnly: boolean;
  readonly phones: ReadonlyMap<string, Pickup>;
  readonly faults: AcsFaults;
  readonly timers: ScaledTimers;
  readonly tokens: AcsTokenIssuer;
  /** Aborted when the stand-in stops. */
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly random: () => number;
  /** Renders what `play` says at 16 kHz, so that the phone hears it; without it the phone hears silence as long. */
  readonly speak: ((text: string) => Promise<Int16Array>) | undefined;
  readonly timeScale: number;
}
