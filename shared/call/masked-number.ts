// A number as those see it who may not know it: enough to tell two calls apart, too little to ring anybody.

const shownAtEnd = 2;

/** Keeps the plus sign and the last two digits. Identifiers that are no numbers keep their kind. */
export function maskNumber(number: string): string {
  const dots = '•'.repeat(6);
  if (number.startsWith('+')) return `+${dots}${number.slice(-shownAtEnd)}`;
  const kind = /^\d+:[a-z]+:/.exec(number)?.[0] ?? '';
  return number === 'unknown' ? number : `${kind}${dots}`;
}
