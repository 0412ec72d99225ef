// Whom a call may be placed to: a phone number, or somebody whom ACS names by an identifier of its own.
import { AppError } from '../errors.ts';
import { type PhoneNumber, parsePhoneNumber } from './phone-number.ts';

export type DialTarget =
  | { readonly kind: 'phone'; readonly name: string; readonly phone: PhoneNumber }
  /** `teams`: a user (8:orgid:…) or an app, a resource account among them (28:orgid:…); `acs`: a user of an ACS resource (8:acs:…). */
  | { readonly kind: 'teams' | 'acs'; readonly name: string };

const guid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
/** The clouds of governments have kinds of their own. */
const teams = new RegExp(`^(8|28):(orgid|gcch|dod):${guid}$`);
/** Somebody who extends Teams Phone by an ACS resource has a third part: resource, tenant, user. */
const acs = new RegExp(`^8:(acs|gcch-acs|dod-acs):${guid}_${guid}(_${guid})?$`);

/** Throws BAD_NUMBER, and DIAL_NOT_ALLOWED for a number of no country. */
export function parseDialTarget(text: unknown): DialTarget {
  const identifier = typeof text === 'string' && /^(8|28):/.test(text) ? text.toLowerCase() : undefined;
  if (identifier === undefined) {
    const phone = parsePhoneNumber(text);
    return { kind: 'phone', name: phone.number, phone };
  }
  if (teams.test(identifier)) return { kind: 'teams', name: identifier };
  if (acs.test(identifier)) return { kind: 'acs', name: identifier };
  throw new AppError(
    'BAD_NUMBER',
    'the identifier must look like 8:orgid:<guid>, 28:orgid:<guid> or 8:acs:<guid>_<guid>',
  );
}

/** Of a Teams resource account, as ACS names it. */
export function formatResourceAccount(objectId: string): string {
  return `28:orgid:${objectId.toLowerCase()}`;
}

/** Undefined: `name` is no Teams app's. */
export function findResourceAccount(name: string): string | undefined {
  return /^28:orgid:(.+)$/.exec(name)?.[1];
}

/** `allowed`: identifiers, and kinds of them, like 8:orgid:* for all users of Teams. */
export function isAllowedIdentifier(name: string, allowed: readonly string[]): boolean {
  return allowed.some((entry) => (entry.endsWith('*') ? name.startsWith(entry.slice(0, -1)) : name === entry));
}
