// Two phones that talk to each other after a transfer, until one of them hangs up.
import type { Phone } from '../caller/phone.ts';
import { PhoneLine } from '../line/phone-line.ts';

export function patchPhones(a: Phone, b: Phone, signal: AbortSignal): void {
  const line = new PhoneLine(a, () => line.close());
  const close = () => line.close();
  void line.bridge(b).then(() => {
    signal.removeEventListener('abort', close);
    line.close();
  });
  line.connect();
  if (signal.aborted) close();
  else signal.addEventListener('abort', close, { once: true });
}
