// A word that another service or a peer gave for a code or a kind: for logs, so far as it is one.

/** A name with letters first, or a short number: neither a sentence nor a phone number fits. */
const wordPattern = /^(?:[A-Za-z][A-Za-z0-9_.:/-]{0,63}|\d{1,4})$/;
/** Codes and versions have four digits in a row at most, and numbers of people more. */
const longNumber = /\d{5}/;

/** Twilio's and ACS's have five and six digits. */
const firstNumberThatIsNoCode = 1_000_000;
const hidden = '[hidden]';

/** `[hidden]` for what is no such word, or holds what may be somebody's number. */
export function formatServiceWord(text: string): string {
  return wordPattern.test(text) && !longNumber.test(text) ? text : hidden;
}

/** The same of a code, which some services give as a number. */
export function formatServiceCode(code: string | number): string | number {
  if (typeof code === 'string') return formatServiceWord(code);
  return Number.isInteger(code) && code >= 0 && code < firstNumberThatIsNoCode ? code : hidden;
}

/** The same of codes that a carrier gives as one: `200/540000`. */
export function formatServiceCodes(codes: string): string {
  const parts = codes.split('/').map((part) => formatServiceCode(/^\d+$/.test(part) ? Number(part) : part));
  return parts.join('/');
}
