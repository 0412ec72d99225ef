// Reads and writes the names which Azure Communication Services gives to the ends of a call: phones, ACS users, Teams users and apps.
import { type CommunicationIdentifierKind, createIdentifierFromRawId } from '@azure/communication-common';
import { AppError } from '../errors.ts';

export type AcsTarget = Exclude<CommunicationIdentifierKind, { kind: 'unknown' }>;

const phonePattern = /^\+[1-9]\d{6,14}$/;

/** Takes a number in E.164 form or a raw id (4:+…, 8:acs:…, 8:orgid:…, 28:orgid:…). Throws BAD_NUMBER. */
export function parseAcsTarget(text: string): AcsTarget {
  const identifier: CommunicationIdentifierKind = phonePattern.test(text)
    ? { kind: 'phoneNumber', phoneNumber: text }
    : createIdentifierFromRawId(text);
  if (identifier.kind === 'unknown')
    throw new AppError('BAD_NUMBER', 'the target is neither a number like +15550100 nor a raw id that ACS knows');
  if (identifier.kind !== 'phoneNumber') return identifier;
  const { phoneNumber } = identifier;
  if (!phonePattern.test(phoneNumber)) throw new AppError('BAD_NUMBER', 'the number is not one that can be dialled');
  return { kind: 'phoneNumber', phoneNumber };
}

/** How we name somebody whom ACS names by a raw id: a phone by its number, all others by the raw id itself. */
export function formatAcsParty(rawId: string): string {
  const identifier = createIdentifierFromRawId(rawId);
  return identifier.kind === 'phoneNumber' ? identifier.phoneNumber : rawId;
}
