// Whether this machine's clock goes as those of the services do: signatures and tokens are good for some minutes only.
import { findAcsEndpoint } from '../../shared/config.ts';
import { absent, type Check, doubt, ok, problem } from '../check.ts';

/** A Date header is exact to a second, and a proxy may keep an answer for some. */
const toleranceMs = 30_000;

export const clock: Check = {
  name: 'clock',
  parts: ['functions', 'bridge'],
  async examine({ config }, signal) {
    const urls = [
      findAcsEndpoint(config),
      config.AZURE_OPENAI_ENDPOINT,
      config.AZURE_VOICE_LIVE_ENDPOINT,
      config.TWILIO_ACCOUNT_SID === undefined ? undefined : (config.TWILIO_API_URL ?? 'https://api.twilio.com'),
      config.PUBLIC_URL,
    ].filter((url) => url !== undefined);
    if (urls.length === 0) return absent('no service to compare it with');
    const found = await Promise.allSettled(urls.map((url) => measureSkewMs(url, signal)));
    const skews = found.flatMap((result) => (result.status === 'fulfilled' ? (result.value ?? []) : []));
    if (skews.length === 0)
      return doubt('no service told the time', 'See to those that cannot be reached, then look again.');
    // One of them may be the one that is wrong.
    const skewMs = skews.toSorted((a, b) => a - b)[Math.floor((skews.length - 1) / 2)]!;
    const seconds = Math.round(Math.abs(skewMs) / 1000);
    if (Math.abs(skewMs) > toleranceMs)
      return problem(
        `this machine is ${seconds} s ${skewMs > 0 ? 'ahead' : 'behind'}`,
        'Set it by NTP (timedatectl set-ntp true): ACS refuses signatures, and bridge and functions each other’s tokens.',
      );
    return ok(`within ${Math.max(seconds, 1)} s of ${skews.length} services`);
  },
};

/** Undefined: an answer without a date. */
async function measureSkewMs(url: string, signal: AbortSignal): Promise<number | undefined> {
  const sentAt = Date.now();
  const response = await fetch(url, { method: 'HEAD', redirect: 'manual', signal });
  const toldMs = Date.parse(response.headers.get('date') ?? '');
  return Number.isNaN(toldMs) ? undefined : (sentAt + Date.now()) / 2 - toldMs;
}
