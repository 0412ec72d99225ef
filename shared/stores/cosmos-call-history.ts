// The history of calls in Azure Cosmos DB: one document a call, partitioned by its id.
import { type Container, CosmosClient, type CosmosClientOptions } from '@azure/cosmos';
import { AzureCredential } from '../azure-credential.ts';
import type { CallId, CallPhase } from '../call/call.ts';
import type { CallState } from '../call/call-state.ts';
import { AppError } from '../errors.ts';
import { within } from '../within.ts';
import { type CallHistory, type CallPage, isNewer } from './call-history.ts';
import { containerName, createContainer, describeRefusal, findGap, readCode } from './cosmos-container.ts';
import { cursorOf, formatCursor, parseCursor } from './history-cursor.ts';

/** Longer than the requests take that it is made of, so that one which hangs is given up and tried anew. */
const prepareTimeoutMs = 10_000;
/** Functions and bridge write a call at the same time now and then; never five times in a row. */
const saveAttempts = 5;

/** By name: what is not equal to something is found by no index. */
const unended = (['dialling', 'ringing', 'active', 'transferring'] satisfies CallPhase[])
  .map((phase) => `"${phase}"`)
  .join(', ');

interface CallDocument {
  readonly id: CallId;
  readonly createdAt: number;
  readonly version: number;
  readonly call: CallState;
}

type KeptDocument = CallDocument & { readonly _etag: string };

export interface CosmosOptions {
  readonly endpoint: string;
  /** Without it the managed identity is used. */
  readonly key?: string;
  readonly database: string;
}

export class CosmosCallHistory implements CallHistory {
  readonly #options: CosmosOptions;
  readonly #client: CosmosClient;
  readonly #container: Container;
  #prepared: Promise<void> | undefined;

  /** Asks Cosmos DB nothing before something is wanted of it. Throws BAD_SETTING. Must be closed. */
  constructor(options: CosmosOptions) {
    this.#options = options;
    this.#client = new CosmosClient(clientOptions(options));
    this.#container = this.#client.database(options.database).container(containerName);
  }

  async save(call: CallState): Promise<boolean> {
    const document = formatDocument(call);
    for (let attempt = 0; attempt < saveAttempts; attempt++) {
      const kept = await this.#read(document.id);
      if (kept && !isNewer(call, kept.call)) return false;
      if (await this.#tryWrite(document, kept)) return true;
    }
    throw new AppError('STORE_UNAVAILABLE', 'others keep writing the same call to Cosmos DB');
  }

  async saveOver(version: number, call: CallState): Promise<boolean> {
    const document = formatDocument(call);
    const kept = await this.#read(document.id);
    return (kept?.version ?? 0) === version && this.#tryWrite(document, kept);
  }

  async find(callId: CallId): Promise<CallState | undefined> {
    return (await this.#read(callId))?.call;
  }

  async list({ limit, next }: { limit: number; next?: string }): Promise<CallPage> {
    const after = next === undefined ? undefined : parseCursor(next);
    // Our own cursor and not the service's token: that one is not given for sorted queries over several partitions.
    const where = after ? 'WHERE c.createdAt < @at OR (c.createdAt = @at AND c.id < @id)' : '';
    const query = `SELECT TOP ${Math.trunc(limit) + 1} * FROM c ${where} ORDER BY c.createdAt DESC, c.id DESC`;
    const parameters = after
      ? [
          { name: '@at', value: after.createdAt },
          { name: '@id', value: after.callId },
        ]
      : [];
    const found = await this.#run(() => this.#container.items.query<CallDocument>({ query, parameters }).fetchAll());
    const calls = found.resources.slice(0, limit).map(({ call }) => call);
    return found.resources.length > limit && calls.length > 0
      ? { calls, next: formatCursor(cursorOf(calls.at(-1)!)) }
      : { calls };
  }

  async listUnended(limit: number): Promise<readonly CallState[]> {
    const query = `SELECT TOP ${Math.trunc(limit)} * FROM c WHERE c.call.phase IN (${unended}) ORDER BY c.createdAt DESC`;
    const found = await this.#run(() => this.#container.items.query<CallDocument>(query).fetchAll());
    return found.resources.map(({ call }) => call);
  }

  async ping(): Promise<void> {
    const { resource } = await this.#run(() => this.#container.read());
    const problem = findGap(resource);
    if (problem) throw new AppError('STORE_UNAVAILABLE', { store: 'Cosmos DB', problem });
  }

  async close(): Promise<void> {
    this.#client.dispose();
  }

  /** False when somebody else wrote between our look and our write. */
  async #tryWrite(document: CallDocument, kept: KeptDocument | undefined): Promise<boolean> {
    try {
      if (kept) {
        const accessCondition = { type: 'IfMatch', condition: kept._etag };
        await this.#container.item(document.id, document.id).replace(document, { accessCondition });
      } else await this.#container.items.create(document);
      return true;
    } catch (cause) {
      const code = readCode(cause);
      // What was there may be gone by now. Where nothing was, it is the container that is not.
      if (code === 409 || code === 412 || (code === 404 && kept)) return false;
      throw await this.#explain(cause);
    }
  }

  async #read(callId: CallId): Promise<KeptDocument | undefined> {
    const { resource } = await this.#run(() => this.#container.item(callId, callId).read<CallDocument>());
    return resource;
  }

  async #run<Result>(request: () => Promise<Result>): Promise<Result> {
    try {
      await (this.#prepared ??= this.#prepare());
      return await request();
    } catch (cause) {
      throw await this.#explain(cause);
    }
  }

  /** In Azure the Bicep files make database and container, and an identity with data rights alone may not. */
  #prepare(): Promise<void> {
    const { key, database } = this.#options;
    if (key === undefined) return Promise.resolve();
    const prepared = within(prepareTimeoutMs, createContainer(this.#client, database), () => {
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

  async #explain(cause: unknown): Promise<AppError> {
    if (cause instanceof AppError) return cause;
    if (readCode(cause) === 413)
      return new AppError('BODY_TOO_LARGE', 'the call is larger than a document of Cosmos DB may be');
    const { database, key } = this.#options;
    const place = { client: this.#client, database, hasKey: key !== undefined };
    return new AppError('STORE_UNAVAILABLE', { store: 'Cosmos DB', problem: await describeRefusal(cause, place) });
  }
}

function formatDocument(call: CallState): CallDocument {
  const { createdAt, callId } = cursorOf(call);
  return { id: callId, createdAt, version: call.version, call };
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
