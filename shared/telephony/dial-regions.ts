// Which countries may be dialled: those that are named, and those that a prefix means.
import { type CountryCode, isSupportedCountry } from 'libphonenumber-js/max';
import metadata from 'libphonenumber-js/metadata.max';
import { AppError } from '../errors.ts';
import type { PhoneNumber } from './phone-number.ts';

/**
 * What +1, which is the whole of North America, means when it stands alone. Jamaica or the Dominican Republic share it and
 * are the classic of toll fraud.
 */
const homeOfPlusOne: readonly CountryCode[] = ['US', 'CA', 'PR', 'VI', 'GU', 'AS', 'MP'];

/** So many digits after the country code are an area code: whoever writes them means that place, whatever country it is in. */
const areaCodeDigits = 3;

export interface AllowedPlaces {
  readonly prefixes: readonly string[];
  /** ISO 3166, two letters. */
  readonly regions: readonly string[];
}

/** Throws BAD_SETTING for a country that there is not. */
export function checkRegions(regions: readonly string[]): void {
  const unknown = regions.filter((region) => !isSupportedCountry(region));
  if (unknown.length === 0) return;
  const which = unknown.join(', ');
  throw new AppError('BAD_SETTING', `DIAL_ALLOWED_REGIONS: no country has the code ${which} (ISO 3166: GB, US, JE)`);
}

/** The rule that forbids the number; undefined when it may be dialled. Tells the country and not the number. */
export function findForbiddingRule(phone: PhoneNumber, { prefixes, regions }: AllowedPlaces): string | undefined {
  if (regions.includes(phone.country)) return undefined;
  const fitting = prefixes.filter((prefix) => phone.number.startsWith(prefix));
  if (fitting.some((prefix) => means(prefix, phone))) return undefined;
  const { country, callingCode } = phone;
  return fitting.length === 0
    ? 'neither a prefix in DIAL_ALLOWED_PREFIXES nor a country in DIAL_ALLOWED_REGIONS allows this number'
    : `a short prefix like +${callingCode} does not mean ${country}: name it in DIAL_ALLOWED_REGIONS, or its area code in DIAL_ALLOWED_PREFIXES`;
}

function means(prefix: string, { country, callingCode }: PhoneNumber): boolean {
  if (prefix.length > callingCode.length + areaCodeDigits) return true;
  return findHome(callingCode).includes(country);
}

/** +44 is also Jersey, Guernsey and the Isle of Man, +7 also Kazakhstan: the first of the list is meant. */
function findHome(callingCode: string): readonly CountryCode[] {
  if (callingCode === '1') return homeOfPlusOne;
  return metadata.country_calling_codes[callingCode]?.slice(0, 1) ?? [];
}
