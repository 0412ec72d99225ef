// What all parts of the Twilio stand-in share: the account, the knobs, the clock and where public addresses lie on this machine.
import { createHmac, randomBytes } from 'node:crypto';
import type { Pickup } from '../caller/phone.ts';
import type { ScaledTimers } from '../delivery/scaled-timers.ts';
import type { TwilioFaults } from './twilio-faults.ts';

export interface TwilioContext {
  readonly accountSid: string;
  readonly authToken: string;
  readonly phones: ReadonlyMap<string, Pickup>;
  readonly faults: TwilioFaults;
  readonly timers: ScaledTimers;
  readonly random: () => number;
  /** Aborted when the stand-in stops. */
  readonly signal: AbortSignal;
  /** `https://agent.example` → `http://127.0.0.1:7071`. What is not in it has to be on this machine. */
  readonly origins: Readonly<Record<string, string>>;
  /** What Twilio's debugger would show. */
  warn(code: number, callSid: string, detail: string): void;
}

/** Two letters and 32 hex digits. */
export function createSid(kind: 'CA' | 'CF' | 'MZ' | 'PN' | 'RE'): string {
  return `${kind}${randomBytes(16).toString('hex')}`;
}

/** base64(HMAC-SHA1(token, URL and each field's name and value in the order of the names)). */
export function signRequest(authToken: string, url: string, form: Readonly<Record<string, string>> = {}): string {
  const fields = Object.keys(form)
    .sort()
    .map((name) => name + form[name]);
  return createHmac('sha1', authToken)
    .update(url + fields.join(''))
    .digest('base64');
}

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Where to connect for a public URL. Throws when that is not this machine. */
export function findLocalUrl({ origins }: TwilioContext, url: URL): URL {
  const origin = `${url.protocol}//${url.host}`;
  const local = new URL(url.pathname + url.search, origins[origin] ?? origin);
  if (!loopback.has(local.hostname)) throw new Error(`${origin} is not on this machine and has no local address`);
  return local;
}
