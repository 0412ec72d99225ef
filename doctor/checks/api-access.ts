// Whether the functions' API is closed to those without a key, and open to ours.
import { isLoopback } from '../../shared/config.ts';
import { absent, type Check, doubt, ok, problem } from '../check.ts';

export const apiAccess: Check = {
  name: 'API',
  parts: ['functions'],
  async examine({ config }, signal) {
    const { PUBLIC_URL: url, API_KEY: apiKey } = config;
    if (url === undefined) return absent('PUBLIC_URL is not set');
    const ask = async (headers: Record<string, string>) => {
      const response = await fetch(`${url}/api/calls`, { headers, redirect: 'manual', signal });
      await response.body?.cancel();
      return response.status;
    };
    const isOpen = (await ask({})) === 200;
    if (isOpen && !isLoopback(new URL(url).hostname))
      return problem('anybody may read and place calls', 'Set API_KEY, and start the functions again.');
    if (apiKey === undefined)
      return isOpen
        ? ok('open to the programs of this machine')
        : doubt('closed to those without a key', 'Set API_KEY here to have it tried.');
    const status = await ask({ 'x-functions-key': apiKey });
    if (status === 200) return ok('closed to those without a key, and ours opens it');
    return problem(`API_KEY is answered with ${status}`, 'Give the functions and whoever asks the same API_KEY.');
  },
};
