// Whether Azure AI Search finds in the index of jobs what callers ask for, and by which of its ways.
import { AzureCredential } from '../../shared/azure-credential.ts';
import { silentLogger } from '../../shared/logger.ts';
import { JobIndex } from '../../shared/tools/services/job-index.ts';
import { absent, type Check, doubt, ok } from '../check.ts';
import { judgeTool } from '../tool-failure.ts';

export const searchIndex: Check = {
  name: 'AI Search',
  parts: ['functions', 'bridge'],
  async examine({ config }, signal) {
    const { AZURE_SEARCH_ENDPOINT: endpoint, AZURE_SEARCH_INDEX: name, AZURE_SEARCH_KEY: key } = config;
    if (endpoint === undefined) return absent('AZURE_SEARCH_ENDPOINT is not set: no jobs are looked up');
    const lacks: string[] = [];
    const log = {
      ...silentLogger,
      warn: (fields: object) => void lacks.push(String((fields as { lack?: string }).lack)),
    };
    const vectorField = config.AZURE_SEARCH_VECTOR_FIELD;
    const index = new JobIndex({
      endpoint,
      index: name,
      key,
      vectorField,
      credential: () => new AzureCredential(),
      log,
    });
    try {
      const found = await index.search('engineer', 1, signal);
      if (found.length === 0) return doubt('nothing is found', `See whether there is anything in the index ${name}.`);
      if (lacks.length === 0) return ok('finds by words and by meaning, ranked');
      return doubt(
        `finds, without: ${lacks.join(', ')}`,
        'Give the index a default semantic configuration, and a vector field with a vectorizer.',
      );
    } catch (error) {
      return judgeTool(error, {
        access:
          key === undefined
            ? 'Give the identity the role Search Index Data Reader on the service, and let it take identities (API access control).'
            : 'Copy AZURE_SEARCH_KEY anew: a query key is enough. Leave it out where the service takes identities only.',
        place: `There is no index ${name} (AZURE_SEARCH_INDEX) at that service.`,
      });
    }
  },
};
