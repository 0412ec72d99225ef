// Whether the bridge shows live calls to whoever has our API_KEY, and to nobody else.
import { isLoopback } from '../../shared/config.ts';
import { absent, type Check, ok, problem } from '../check.ts';
import { upgrade } from '../upgrade.ts';

export const liveEvents: Check = {
  name: 'live events',
  parts: ['bridge'],
  async examine({ config }, signal) {
    const { BRIDGE_URL: url, API_KEY: apiKey } = config;
    if (url === undefined) return absent('BRIDGE_URL is not set');
    const address = `${url}/ws/events`;
    const isOpen = (await upgrade(address, {}, signal)) === 101;
    if (isOpen && !isLoopback(new URL(url).hostname))
      return problem('anybody may listen to calls', 'Set API_KEY at the bridge, and start it again.');
    if (apiKey === undefined)
      return isOpen ? ok('open to the programs of this machine') : absent('API_KEY is not set here');
    const status = await upgrade(address, { 'x-functions-key': apiKey }, signal);
    if (status === 101) return ok('shown to whoever has API_KEY');
    return problem(`API_KEY is answered with ${status}`, 'Give the bridge and whoever asks the same API_KEY.');
  },
};
