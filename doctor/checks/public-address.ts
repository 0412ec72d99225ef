// Whether the functions are where carriers and Event Grid look for them, and say that they are well.
import { healthSchema } from '../../shared/api.ts';
import { pause } from '../../shared/within.ts';
import { absent, type Check, doubt, ok, problem } from '../check.ts';

const everyMs = 500;
/** A host that has just started finds its stores by then, and says meanwhile that they have not answered. */
const patienceMs = 5_000;

export const publicAddress: Check = {
  name: 'PUBLIC_URL',
  parts: ['functions', 'bridge'],
  async examine({ config }, signal) {
    const { PUBLIC_URL: url } = config;
    if (url === undefined) return absent('PUBLIC_URL is not set');
    const giveUpAtMs = performance.now() + patienceMs;
    let { response, health } = await askForHealth(url, signal);
    while (health?.status === 'down' && performance.now() < giveUpAtMs) {
      await pause(everyMs, signal);
      ({ response, health } = await askForHealth(url, signal));
    }
    if (health?.status === 'ok') return ok(`${url} answers and is well`);
    if (health) return doubt(`${url} answers, and says: ${health.problems.join('; ')}`, 'See to what it names.');
    if (response.status >= 300 && response.status < 400)
      return problem(
        `${url} answers with a redirection (${response.status})`,
        'A tunnel asks for a login: make it one that anybody may use (devtunnel host --allow-anonymous).',
      );
    if (response.status === 404)
      return problem(
        `${url} answers, and knows no /healthz`,
        'The functions are not loaded there, or something else is: look at the functions’ log, and that routePrefix is empty.',
      );
    return problem(`${url} answers ${response.status}, and not as the functions do`, 'Look at what runs there.');
  },
};

async function askForHealth(url: string, signal: AbortSignal) {
  const response = await fetch(`${url}/healthz`, { redirect: 'manual', signal });
  return { response, health: readHealth(await response.text()) };
}

function readHealth(text: string) {
  try {
    return healthSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
