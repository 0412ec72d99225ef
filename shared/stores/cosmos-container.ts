// The containers that we need in Cosmos DB: makes them where we may, and else names what is missing.
import type { ContainerDefinition, CosmosClient, IndexingPolicy } from '@azure/cosmos';
import { callSorts } from './call-order.ts';

export interface ContainerPlan {
  readonly id: string;
  readonly partitionPath: string;
  readonly indexingPolicy: IndexingPolicy;
}

/** Only what the lists sort and choose by: indexing turns and notes would make each write dearer for nothing. infra/ says the same. */
const callPaths = [
  'createdAt',
  'id',
  'standing',
  'agent',
  'phase',
  'reason',
  'outcome',
  'satisfaction',
  'remoteParty',
  'recordingUntil',
  ...callSorts.filter((by) => by !== 'createdAt').map((by) => `keys/${by}`),
];

/** In Azure one of a pair serves both directions; emulators want the one that is asked for. A key that does not change costs no write. */
const sortIndexes = (['descending', 'ascending'] as const).flatMap((order) =>
  callSorts.map((by) => [
    { path: by === 'createdAt' ? '/createdAt' : `/keys/${by}`, order },
    { path: '/id', order },
  ]),
);

/** One document a call. */
export const callsPlan: ContainerPlan = {
  id: 'calls',
  partitionPath: '/id',
  indexingPolicy: {
    indexingMode: 'consistent',
    includedPaths: callPaths.map((path) => ({ path: `/${path}/?` })),
    excludedPaths: [{ path: '/*' }],
    compositeIndexes: sortIndexes,
  },
};

/** What is known of a caller: all of it in one partition. */
export const callersPlan: ContainerPlan = {
  id: 'callers',
  partitionPath: '/caller',
  indexingPolicy: {
    indexingMode: 'consistent',
    includedPaths: [{ path: '/at/?' }, { path: '/kind/?' }],
    excludedPaths: [{ path: '/*' }],
  },
};

/** `keepDays`: after so many days without a change a document goes by itself. */
export async function createContainer(
  client: CosmosClient,
  place: { readonly database: string; readonly plan: ContainerPlan; readonly keepDays?: number },
): Promise<void> {
  const { plan, keepDays } = place;
  const { database } = await createOnce(() => client.databases.createIfNotExists({ id: place.database }));
  await createOnce(() =>
    database.containers.createIfNotExists({
      id: plan.id,
      partitionKey: { paths: [plan.partitionPath] },
      indexingPolicy: plan.indexingPolicy,
      defaultTtl: keepDays === undefined ? -1 : keepDays * 86_400,
    }),
  );
}

/** The SDK looks and then creates: of two processes that start together, one finds it made in between. It is there then. */
async function createOnce<Made>(createIfNotExists: () => Promise<Made>): Promise<Made> {
  try {
    return await createIfNotExists();
  } catch (error) {
    if (readCode(error) !== 409) throw error;
    return createIfNotExists();
  }
}

/** What a container that somebody else made lacks; undefined if nothing. */
export function findGap(plan: ContainerPlan, container: ContainerDefinition | undefined): string | undefined {
  const path = container?.partitionKey?.paths.join() ?? plan.partitionPath;
  if (path !== plan.partitionPath)
    return `the container ${plan.id} is partitioned by ${path} and has to be by ${plan.partitionPath}`;
  const made = (container?.indexingPolicy?.compositeIndexes ?? []).map(formatIndex);
  const missing = (plan.indexingPolicy.compositeIndexes ?? []).map(formatIndex).find((index) => !made.includes(index));
  if (missing === undefined) return undefined;
  return `the container ${plan.id} has no composite index of ${missing}, which the list of calls needs`;
}

function formatIndex(index: readonly { path: string; order: string }[]): string {
  return index.map(({ path, order }) => `${path} ${order}`).join(', ');
}

export interface CosmosPlace {
  readonly client: CosmosClient;
  readonly database: string;
  readonly hasKey: boolean;
  readonly container: string;
}

/** The SDK's own errors hold documents and headers: only their code is fit for a message or a log. Never rejects. */
export async function describeRefusal(
  cause: unknown,
  { client, database, hasKey, container }: CosmosPlace,
): Promise<string> {
  const code = readCode(cause);
  if (isSignInError(cause))
    return 'no identity can sign in here: give this app a managed identity, and AZURE_CLIENT_ID if it is a user-assigned one';
  switch (code) {
    case 401:
      return hasKey
        ? 'COSMOS_KEY is not accepted (401): it is wrong, or the account takes identities only'
        : "the identity's token is not accepted (401)";
    case 403:
      return hasKey
        ? "the account's firewall keeps us out, or its keys may not do this (403)"
        : 'the identity has not the role Cosmos DB Built-in Data Contributor, or the firewall keeps us out (403)';
    case 404:
      return (await isThere(client, database))
        ? `there is no container ${container} in the database ${database}`
        : `there is no database ${database} (COSMOS_DATABASE)`;
    default:
      return `the request failed${code === undefined ? '' : ` (${String(code)})`}`;
  }
}

/** By name: whoever has a key does not load the library of identities. */
function isSignInError(cause: unknown): boolean {
  const signIn = ['AggregateAuthenticationError', 'AuthenticationError', 'CredentialUnavailableError'];
  return cause instanceof Error && signIn.includes(cause.name);
}

async function isThere(client: CosmosClient, database: string): Promise<boolean> {
  try {
    await client.database(database).read();
    return true;
  } catch (error) {
    return readCode(error) !== 404;
  }
}

export function readCode(error: unknown): unknown {
  return (error as { code?: unknown } | undefined)?.code;
}
