// Requests to one container of Azure Cosmos DB: it is made where we may, and what goes wrong is told in our own words.
import { type Container, CosmosClient, type CosmosClientOptions, type SqlQuerySpec } from '@azure/cosmos';
import { AzureCredential } from '../azure-credential.ts';
import { AppError } from '../errors.ts';
import { within } from '../within.ts';
import { type ContainerPlan, createContainer, describeRefusal, findGap, readCode } from './cosmos-container.ts';

/** Longer than the requests take that it is made of, so that one which hangs is given up and tried anew. */
const prepareTimeoutMs = 10_000;

export interface CosmosOptions {
  readonly endpoint: string;
  /** Without it the managed identity is used. */
  readonly key?: string;
  readonly database: string;
  /** Of a container that is made here; in Azure infra/ says it. */
  readonly keepDays?: number;
}

export class CosmosRequests {
  readonly #options: CosmosOptions;
  readonly #plan: ContainerPlan;
  readonly #client: CosmosClient;
  readonly #container: Container;
  #prepared: Promise<void> | undefined;

  /** Asks Cosmos DB nothing before something is wanted of it. Throws BAD_SETTING. Must be closed. */
  constructor(options: CosmosOptions, plan: ContainerPlan) {
    this.#options = options;
    this.#plan = plan;
    this.#client = new CosmosClient(clientOptions(options));
    this.#container = this.#client.database(options.database).container(plan.id);
  }

  /** Rejects with STORE_UNAVAILABLE or BODY_TOO_LARGE. */
  async run<Result>(request: (container: Container) => Promise<Result>): Promise<Result> {
    try {
      await (this.#prepared ??= this.#prepare());
      return await request(this.#container);
    } catch (cause) {
      throw await this.explain(cause);
    }
  }

  async query<Document>(query: SqlQuerySpec, partitionKey?: string): Promise<readonly Document[]> {
    const options = partitionKey === undefined ? {} : { partitionKey };
    const found = await this.run((container) => container.items.query<Document>(query, options).fetchAll());
    return found.resources;
  }

  /** Resolves to whether it was there. */
  async remove(id: string, partitionKey: string): Promise<boolean> {
    return this.run(async (container) => {
      try {
        await container.item(id, partitionKey).delete();
        return true;
      } catch (cause) {
        if (readCode(cause) !== 404) throw cause;
        return false;
      }
    });
  }

  async ping(): Promise<void> {
    const { resource } = await this.run((container) => container.read());
    const problem = findGap(this.#plan, resource);
    if (problem) throw new AppError('STORE_UNAVAILABLE', { store: 'Cosmos DB', problem });
  }

  close(): void {
    this.#client.dispose();
  }

  async explain(cause: unknown): Promise<AppError> {
    if (cause instanceof AppError) return cause;
    if (readCode(cause) === 413)
      return new AppError('BODY_TOO_LARGE', 'the call is larger than a document of Cosmos DB may be');
    const { database, key } = this.#options;
    const place = { client: this.#client, database, hasKey: key !== undefined, container: this.#plan.id };
    return new AppError('STORE_UNAVAILABLE', { store: 'Cosmos DB', problem: await describeRefusal(cause, place) });
  }

  /** In Azure the Bicep files make database and container, and an identity with data rights alone may not. */
  #prepare(): Promise<void> {
    const { key, database, keepDays } = this.#options;
    if (key === undefined) return Promise.resolve();
    const made = createContainer(this.#client, { database, plan: this.#plan, keepDays });
    const prepared = within(prepareTimeoutMs, made, () => {
      throw new AppError('STORE_UNAVAILABLE', {
        store: 'Cosmos DB',
        problem: `no answer within ${prepareTimeoutMs} ms`,
      });
    });
    // What failed is tried anew by whoever comes next.
    prepared.catch(() => {
      if (this.#prepared === prepared) this.#prepared = undefined;
    });
    return prepared;
  }
}

function clientOptions({ endpoint, key }: CosmosOptions): CosmosClientOptions {
  const isPlain = new URL(endpoint).protocol === 'http:';
  if (key === undefined && isPlain)
    throw new AppError('BAD_SETTING', 'Missing settings: COSMOS_KEY (a token is never sent over http://)');
  return {
    endpoint,
    ...(key === undefined ? { aadCredentials: new AzureCredential() } : { key }),
    connectionPolicy: {
      // A local stand-in names itself by https addresses that nobody serves.
      enableEndpointDiscovery: !isPlain,
      requestTimeout: 5000,
      retryOptions: { maxRetryAttemptCount: 3, fixedRetryIntervalInMilliseconds: 0, maxWaitTimeInSeconds: 5 },
    },
  };
}
