// Whether Azure Maps finds a place.
import { AzureCredential } from '../../shared/azure-credential.ts';
import { MapsClient } from '../../shared/tools/services/maps-client.ts';
import { absent, type Check, doubt, ok } from '../check.ts';
import { judgeTool } from '../tool-failure.ts';

export const maps: Check = {
  name: 'Maps',
  parts: ['functions', 'bridge'],
  async examine({ config }, signal) {
    const { AZURE_MAPS_ENDPOINT: endpoint, AZURE_MAPS_KEY: key, AZURE_MAPS_CLIENT_ID: clientId } = config;
    if (key === undefined && clientId === undefined)
      return absent('neither AZURE_MAPS_KEY nor AZURE_MAPS_CLIENT_ID is set');
    try {
      const client = new MapsClient({ endpoint, key, clientId, credential: () => new AzureCredential() });
      const place = await client.geocode('Seattle', 'US', signal);
      return place ? ok('finds places') : doubt('it does not find Seattle', 'Look at AZURE_MAPS_ENDPOINT.');
    } catch (error) {
      return judgeTool(error, {
        access:
          key === undefined
            ? 'Give the identity the role Azure Maps Data Reader, and see that AZURE_MAPS_CLIENT_ID is the account’s.'
            : 'Copy AZURE_MAPS_KEY anew from the account’s Authentication page.',
        place: 'AZURE_MAPS_ENDPOINT must be https://atlas.microsoft.com, or that of your geography.',
      });
    }
  },
};
