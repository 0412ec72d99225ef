// The container that the history of calls needs in Cosmos DB: makes it where we may, and else names what is missing.
import type { ContainerDefinition, CosmosClient, IndexingPolicy } from '@azure/cosmos';

export const containerName = 'calls';
const partitionPath = '/id';

/** Only what the lists sort and choose by: indexing turns and notes would make each write dearer for nothing. infra/ says the same. */
const indexingPolicy = {
  indexingMode: 'consistent',
  includedPaths: [{ path: '/createdAt/?' }, { path: '/id/?' }, { path: '/call/phase/?' }],
  excludedPaths: [{ path: '/*' }],
  compositeIndexes: [
    [
      { path: '/createdAt', order: 'descending' },
      { path: '/id', order: 'descending' },
    ],
  ],
} satisfies IndexingPolicy;

export async function createContainer(client: CosmosClient, name: string): Promise<void> {
  const { database } = await createOnce(() => client.databases.createIfNotExists({ id: name }));
  const partitionKey = { paths: [partitionPath] };
  await createOnce(() => database.containers.createIfNotExists({ id: containerName, partitionKey, indexingPolicy }));
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
export function findGap(container: ContainerDefinition | undefined): string | undefined {
  const path = container?.partitionKey?.paths.join() ?? partitionPath;
  if (path !== partitionPath)
    return `the container ${containerName} is partitioned by ${path} and has to be by ${partitionPath}`;
  const wanted = formatIndex(indexingPolicy.compositeIndexes[0]!);
  const indexes = container?.indexingPolicy?.compositeIndexes ?? [];
  if (indexes.some((index) => formatIndex(index) === wanted)) return undefined;
  return `the container ${containerName} has no composite index of ${wanted}, which the list of calls needs`;
}

function formatIndex(index: readonly { path: string; order: string }[]): string {
  return index.map(({ path, order }) => `${path} ${order}`).join(', ');
}

export interface CosmosPlace {
  readonly client: CosmosClient;
  readonly database: string;
  readonly hasKey: boolean;
}

/** The SDK's own errors hold documents and headers: only their code is fit for a message or a log. Never rejects. */
export async function describeRefusal(cause: unknown, { client, database, hasKey }: CosmosPlace): Promise<string> {
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
        ? `there is no container ${containerName} in the database ${database}`
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
