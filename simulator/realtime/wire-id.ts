// Ids as the services make them: a prefix that tells the kind, then base 62.
import { randomInt } from 'node:crypto';

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export type WireIdKind = 'sess' | 'event' | 'item' | 'msg' | 'resp' | 'conv' | 'call' | 'rtc';

export function createWireId(kind: WireIdKind): string {
  const length = kind === 'call' ? 16 : 21;
  return `${kind}_${Array.from({ length }, () => digits[randomInt(digits.length)]).join('')}`;
}

/** Padding of text deltas, so that their size on the wire does not tell their words. */
export function createPadding(): string {
  return Array.from({ length: randomInt(8, 16) }, () => digits[randomInt(digits.length)]).join('');
}
