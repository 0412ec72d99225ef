// The person on the phone as an operator writes them: a number in any spelling, or another identifier as it stands.

/** A plus sign in an address is a space once it is read. */
const number = /^\+?[ ]*[1-9][0-9 ().-]{5,30}$/;

/** As calls keep them. */
export function readParty(text: string): string {
  return number.test(text) ? `+${text.replace(/\D/g, '')}` : text;
}
