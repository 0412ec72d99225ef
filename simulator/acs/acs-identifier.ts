// Who takes part in a call, as the API writes and reads it: a phone number or the application's own identity.
import { z } from 'zod';

/** Some operations send no `kind`; the service takes both forms. */
export const identifierSchema = z
  .object({
    kind: z.string().nullish(),
    rawId: z.string().nullish(),
    phoneNumber: z.object({ value: z.string() }).nullish(),
    communicationUser: z.object({ id: z.string() }).nullish(),
  })
  .refine((identifier) => identifier.rawId || identifier.phoneNumber || identifier.communicationUser, {
    message: 'must hold a rawId, a phoneNumber or a communicationUser',
  });

export type Identifier = z.output<typeof identifierSchema>;

export function rawIdOf(identifier: Identifier): string {
  if (identifier.phoneNumber) return phoneRawId(identifier.phoneNumber.value);
  return identifier.rawId ?? identifier.communicationUser!.id;
}

/** The number that is rung for this identifier; undefined for what is no phone. */
export function findNumber(identifier: Identifier): string | undefined {
  return identifier.phoneNumber?.value ?? /^4:(\+.+)$/.exec(identifier.rawId ?? '')?.[1];
}

export function phoneRawId(number: string): string {
  return number.startsWith('+') ? `4:${number}` : '4:anonymous';
}

export function formatPhone(number: string) {
  return { rawId: phoneRawId(number), kind: 'phoneNumber', phoneNumber: { value: number } } as const;
}

export function formatApplication(rawId: string) {
  return { rawId, kind: 'communicationUser', communicationUser: { id: rawId } } as const;
}
