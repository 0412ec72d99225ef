// Whether calls can be kept for good: database, container, index and role in Cosmos DB, or a file that can be written.
import { absent, type Check, ok, problem } from '../check.ts';
import { judgeStore } from '../store-failure.ts';
import { pingStore } from '../store-ping.ts';

export const history: Check = {
  name: 'history',
  parts: ['functions', 'bridge'],
  async examine({ config }, signal) {
    const isFile = config.COSMOS_ENDPOINT === undefined;
    try {
      const tookMs = await pingStore(config, 'history', signal);
      return isFile
        ? absent(`in a SQLite file under ${config.DATA_FOLDER}, which can be written`)
        : ok(`Cosmos DB answers in ${tookMs} ms`);
    } catch (error) {
      if (isFile)
        return problem(
          `no SQLite file can be written under ${config.DATA_FOLDER}`,
          'Set DATA_FOLDER to a folder that this user may write to.',
        );
      return judgeStore(error, [
        [
          /COSMOS_KEY/,
          'Copy a primary key anew, or leave COSMOS_KEY out where the account takes identities only (infra/ makes it so).',
        ],
        [/no identity|not accepted/, 'Sign in with `az login`, or give the app a managed identity.'],
        [
          /role|firewall/,
          'az cosmosdb sql role assignment create with 00000000-0000-0000-0000-000000000002 for the identity; let this address through the account’s networking.',
        ],
        [
          /container|database|index/,
          'infra/modules/cosmos.bicep makes it: azd provision. With a key, or more rights, the part makes it itself at its start.',
        ],
      ]);
    }
  },
};
