// Compares a secret that somebody shows with the one that is wanted, in a time that tells nothing of either.
import { createHash, timingSafeEqual } from 'node:crypto';

export function isSameSecret(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
