// Whether the functions are where carriers and Event Grid look for them, and say that they are well.
import { healthSchema } from '../../shared/api.ts';
import { absent, type Check, doubt, ok, problem } from '../check.ts';

export const publicAddress: Check = {
  name: 'PUBLIC_URL',
  parts: ['functions', 'bridge'],
  async examine({ config }, signal) {
    const { PUBLIC_URL: url } = config;
    if (url === undefined) return absent('PUBLIC_URL is not set');
    const response = await fetch(`${url}/healthz`, { redirect: 'manual', signal });
    const text = await response.text();
    const health = readHealth(text);
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

function readHealth(text: string) {
  try {
    return healthSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
