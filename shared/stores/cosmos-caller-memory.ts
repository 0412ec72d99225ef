// What is remembered of callers in Azure Cosmos DB: a document a call, all of one caller in one partition. Each says how long it is kept.
import type { CallerKey, CallerMemory, CallerVisit, ForgetRequest } from './caller-memory.ts';
import { callersPlan } from './cosmos-container.ts';
import { type CosmosOptions, CosmosRequests } from './cosmos-requests.ts';

/** The wishes to be forgotten share a partition: they are few. No hash is called so. */
const requestsPartition = 'forget-requests';

interface VisitDocument {
  readonly id: string;
  readonly caller: string;
  readonly kind: 'visit';
  readonly at: number;
  /** In seconds, from the write on. */
  readonly ttl: number;
  readonly visit: CallerVisit;
}

interface RequestDocument {
  readonly id: string;
  readonly caller: string;
  readonly kind: 'open-request' | 'done-request';
  readonly at: number;
  readonly ttl: number;
  readonly request: ForgetRequest;
}

export class CosmosCallerMemory implements CallerMemory {
  readonly #cosmos: CosmosRequests;

  /** Asks Cosmos DB nothing before something is wanted of it. Throws BAD_SETTING. Must be closed. */
  constructor(options: Omit<CosmosOptions, 'keepDays'>) {
    this.#cosmos = new CosmosRequests(options, callersPlan);
  }

  async remember(caller: CallerKey, visit: CallerVisit): Promise<void> {
    await this.#put({ id: visit.callId, caller, kind: 'visit', at: visit.at, ttl: secondsTo(visit.expiresAt), visit });
  }

  async visits(caller: CallerKey, limit: number): Promise<readonly CallerVisit[]> {
    const query = `SELECT TOP ${Math.trunc(limit)} * FROM c WHERE c.caller = @caller AND c.kind = 'visit' ORDER BY c.at DESC`;
    const parameters = [{ name: '@caller', value: caller }];
    const found = await this.#cosmos.query<VisitDocument>({ query, parameters }, caller);
    // The service takes its time to remove what has expired.
    return found.map(({ visit }) => visit).filter(({ expiresAt }) => expiresAt > Date.now());
  }

  async forget(caller: CallerKey): Promise<number> {
    const parameters = [{ name: '@caller', value: caller }];
    const query = 'SELECT c.id FROM c WHERE c.caller = @caller';
    const found = await this.#cosmos.query<{ id: string }>({ query, parameters }, caller);
    let removed = 0;
    for (const { id } of found) if (await this.#cosmos.remove(id, caller)) removed++;
    return removed;
  }

  async saveRequest(request: ForgetRequest): Promise<void> {
    await this.#put({
      id: request.id,
      caller: requestsPartition,
      kind: request.doneAt === undefined ? 'open-request' : 'done-request',
      at: request.requestedAt,
      ttl: secondsTo(request.expiresAt),
      request,
    });
  }

  async findRequest(id: string): Promise<ForgetRequest | undefined> {
    const { resource } = await this.#cosmos.run((container) =>
      container.item(id, requestsPartition).read<RequestDocument>(),
    );
    return resource && resource.request.expiresAt > Date.now() ? resource.request : undefined;
  }

  async openRequests(limit: number): Promise<readonly ForgetRequest[]> {
    const query = `SELECT TOP ${Math.trunc(limit)} * FROM c WHERE c.caller = @caller AND c.kind = 'open-request' ORDER BY c.at`;
    const parameters = [{ name: '@caller', value: requestsPartition }];
    const found = await this.#cosmos.query<RequestDocument>({ query, parameters }, requestsPartition);
    return found.map(({ request }) => request);
  }

  /** Cosmos DB does so by itself. */
  async removeExpired(): Promise<number> {
    return 0;
  }

  async ping(): Promise<void> {
    await this.#cosmos.ping();
  }

  async close(): Promise<void> {
    this.#cosmos.close();
  }

  async #put(document: VisitDocument | RequestDocument): Promise<void> {
    await this.#cosmos.run((container) => container.items.upsert(document));
  }
}

function secondsTo(expiresAt: number): number {
  return Math.max(1, Math.ceil((expiresAt - Date.now()) / 1000));
}
