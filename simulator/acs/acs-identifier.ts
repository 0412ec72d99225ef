// Who takes part in a call, as the API writes and reads it: a phone number, somebody of Teams, or a user of an ACS resource.
import { z } from 'zod';

/** Some operations send no `kind`; the service takes both forms. */
export const identifierSchema = z
  .object({
    kind: z.string().nullish(),
    rawId: z.string().nullish(),
    phoneNumber: z.object({ value: z.string() }).nullish(),
    communicationUser: z.object({ id: z.string() }).nullish(),
    microsoftTeamsUser: z.object({ userId: z.guid() }).nullish(),
    microsoftTeamsApp: z.object({ appId: z.guid() }).nullish(),
  })
  .refine((identifier) => findRawId(identifier) !== undefined, {
    message: 'must hold a rawId, a phoneNumber, a communicationUser, a microsoftTeamsUser or a microsoftTeamsApp',
  });

export interface Identifier {
  readonly rawId?: string | null;
  readonly phoneNumber?: { readonly value: string } | null;
  readonly communicationUser?: { readonly id: string } | null;
  readonly microsoftTeamsUser?: { readonly userId: string } | null;
  readonly microsoftTeamsApp?: { readonly appId: string } | null;
}

function findRawId(identifier: Identifier): string | undefined {
  const { rawId, phoneNumber, communicationUser, microsoftTeamsUser, microsoftTeamsApp } = identifier;
  if (phoneNumber) return phoneRawId(phoneNumber.value);
  if (rawId) return rawId;
  if (microsoftTeamsUser) return `8:orgid:${microsoftTeamsUser.userId}`;
  return microsoftTeamsApp ? `28:orgid:${microsoftTeamsApp.appId}` : communicationUser?.id;
}

export function rawIdOf(identifier: Identifier): string {
  return findRawId(identifier)!;
}

/** The number that is rung for this identifier; undefined for what is no phone. */
export function findNumber(identifier: Identifier): string | undefined {
  return identifier.phoneNumber?.value ?? /^4:(\+.+)$/.exec(identifier.rawId ?? '')?.[1];
}

/** What rings for it: a phone by its number, all others by their raw id. Undefined: nobody could. */
export function findParty(identifier: Identifier): string | undefined {
  const rawId = rawIdOf(identifier);
  return findNumber(identifier) ?? (/^(8|28):[a-z-]+:./.test(rawId) ? rawId : undefined);
}

const isPhone = (party: string) => !/^(8|28):/.test(party);

export function partyRawId(party: string): string {
  return isPhone(party) ? phoneRawId(party) : party;
}

function phoneRawId(number: string): string {
  return number.startsWith('+') ? `4:${number}` : '4:anonymous';
}

/** As the service tells of it. */
export function formatParty(party: string): Identifier & { readonly rawId: string; readonly kind: string } {
  const rawId = partyRawId(party);
  if (isPhone(party)) return { rawId, kind: 'phoneNumber', phoneNumber: { value: party } };
  const id = party.split(':')[2]!;
  if (party.startsWith('8:acs:')) return formatApplication(rawId);
  if (party.startsWith('28:')) return { rawId, kind: 'microsoftTeamsApp', microsoftTeamsApp: { appId: id } };
  return { rawId, kind: 'microsoftTeamsUser', microsoftTeamsUser: { userId: id } };
}

export function formatApplication(rawId: string) {
  return { rawId, kind: 'communicationUser', communicationUser: { id: rawId } } as const;
}
