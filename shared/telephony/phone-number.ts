// Reads a phone number in international form and says what kind it is, strictly: what it lets through is E.164.
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { AppError } from '../errors.ts';

export interface PhoneNumber {
  /** E.164. */
  readonly number: string;
  /** `costly`: premium rate, shared cost, pager, personal, satellite and the like. */
  readonly kind: 'ordinary' | 'costly' | 'fictional';
  /** The country or territory that it rings in. */
  readonly country: CountryCode;
  /** Of the country, without +. Several countries may share one. */
  readonly callingCode: string;
}

/** ASCII alone: a digit of another script, an extension, a URI or two numbers in one are somebody's mistake or somebody's trick. */
const written = /^ *\+[1-9][0-9 ().-]{5,30}$/;
const e164 = /^\+[1-9]\d{6,14}$/;
/**
 * Numbers that belong to nobody: area code 555 of North America, with the seven digits of films too, and Ofcom's mobile
 * range for drama. No numbering plan holds them; documentation and the simulator use them.
 */
const fictional: readonly { pattern: RegExp; country: CountryCode; callingCode: string }[] = [
  { pattern: /^\+1555(\d{4}|\d{7})$/, country: 'US', callingCode: '1' },
  { pattern: /^\+447700900\d{3}$/, country: 'GB', callingCode: '44' },
];
/** Any other kind costs more than a call, or is not a person's phone. */
const ordinaryTypes: ReadonlySet<string | undefined> = new Set([
  'FIXED_LINE',
  'MOBILE',
  'FIXED_LINE_OR_MOBILE',
  'VOIP',
  'TOLL_FREE',
]);
/** Costly within an ordinary area code, which no numbering plan tells: 976 is North America's exchange for paid services. */
const costlyWithinArea = /^\+1\d{3}976\d{4}$/;

/**
 * Throws BAD_NUMBER, and DIAL_NOT_ALLOWED for a number of no country. A number must fit its country's plan, not only have a possible length: one that fits none has no kind,
 * and +1 900 123 4567, which is possible but not valid, would pass for ordinary. Emergency and short numbers fit none.
 */
export function parsePhoneNumber(text: unknown): PhoneNumber {
  if (typeof text !== 'string' || !written.test(text))
    throw new AppError('BAD_NUMBER', 'the number must be written with + and its country code, like +15550100');
  const digits = `+${text.replace(/[^0-9]/g, '')}`;
  const drama = fictional.find(({ pattern }) => pattern.test(digits));
  if (drama) return { number: digits, kind: 'fictional', country: drama.country, callingCode: drama.callingCode };
  const parsed = parsePhoneNumberFromString(digits);
  if (!parsed?.isValid() || parsed.ext !== undefined || !e164.test(parsed.number))
    throw new AppError('BAD_NUMBER', 'no numbering plan has this number');
  const { number, country, countryCallingCode: callingCode } = parsed;
  // +870 is a satellite's and of type MOBILE: the codes that belong to no country cost dollars a minute.
  if (country === undefined || parsed.isNonGeographic())
    throw new AppError('DIAL_NOT_ALLOWED', 'satellite and other numbers of no country are costly and never dialled');
  const isOrdinary = ordinaryTypes.has(parsed.getType()) && !costlyWithinArea.test(number);
  return { number, kind: isOrdinary ? 'ordinary' : 'costly', country, callingCode };
}
