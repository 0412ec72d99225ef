// Two phones that talk to each other after a transfer, until one of them hangs up.

import type { Phone } from '../caller/phone.ts';
import { startFrameClock } from './frame-clock.ts';

export function patchPhones(a: Phone, b: Phone, signal: AbortSignal): void {
  const stopClock = startFrameClock(() => {
    if (a.hangsUp || b.hangsUp) return close();
    const [fromA, fromB] = [a.speak().slice(), b.speak().slice()];
    a.takeKeys();
    b.takeKeys();
    a.hear(fromB);
    b.hear(fromA);
  });
  function close(): void {
    stopClock();
    signal.removeEventListener('abort', close);
    a.lineClosed();
    b.lineClosed();
  }
  if (signal.aborted) close();
  else signal.addEventListener('abort', close, { once: true });
}
