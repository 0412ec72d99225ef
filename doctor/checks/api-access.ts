// Whether the functions' API is closed to those without a key, and open to ours.
import { isLoopback } from '../../shared/config.ts';
import { absent, type Check, doubt, ok, problem } from '../check.ts';

export const apiAccess: Check = {
  name: 'API',
  parts: ['functions'],
  async examine({ config, functionsKey }, signal) {
    const { PUBLIC_URL: url } = config;
    if (url === undefined) return absent('PUBLIC_URL is not set');
    const ask = async (headers: Record<string, string>) =>
      (await fetch(`${url}/api/calls`, { headers, redirect: 'manual', signal })).status;
    const isOpen = (await ask({})) === 200;
    if (isOpen && !isLoopback(new URL(url).hostname))
      return problem(
        'anybody may read and place calls',
        'Set API_KEY (Core Tools ask for no key), and start the functions again.',
      );
    if (functionsKey === undefined)
      return isOpen
        ? ok('open to the programs of this machine')
        : doubt('closed to those without a key', 'Give a key of the functions with --functions-key to have it tried.');
    const status = await ask({ 'x-functions-key': functionsKey });
    if (status === 200) return ok('closed to those without a key, and our key opens it');
    return problem(
      `our key is answered with ${status}`,
      'Take the key from the portal (App keys) or API_KEY where no host on Azure asks for its own.',
    );
  },
};
