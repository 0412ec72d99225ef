// Whether Redis is there and takes our password or identity: what is shared of live calls is kept in it.
import { absent, type Check, ok } from '../check.ts';
import { judgeStore } from '../store-failure.ts';
import { pingStore } from '../store-ping.ts';

export const liveState: Check = {
  name: 'Redis',
  parts: ['functions', 'bridge'],
  async examine({ config }, signal) {
    if (config.REDIS_URL === undefined) return absent('live calls are kept in memory: for one process only');
    try {
      return ok(`answers in ${await pingStore(config, 'leases', signal)} ms`);
    } catch (error) {
      return judgeStore(error, [
        [
          /refuses the user or password/,
          'Correct the password in REDIS_URL (special characters as %40), or leave it out and give the identity an access policy assignment on the database.',
        ],
        [
          /Entra/,
          'Sign in with `az login`, or give the app a managed identity that has an access policy assignment on the database.',
        ],
        [
          /ECONNREFUSED|ENOTFOUND|ETIMEDOUT|EAI_AGAIN/,
          'Look at host and port in REDIS_URL (Azure Managed Redis: rediss://…:10000), at firewalls and at private endpoints.',
        ],
        [
          /it is a cluster|it is no cluster/,
          'Set REDIS_CLUSTER=true where the clustering policy of the database is OSSCluster, and leave it out with any other.',
        ],
        [
          /out of memory|read-only|disk|loading/,
          'Look at the database’s memory and its eviction policy (NoEviction) in the portal.',
        ],
      ]);
    }
  },
};
