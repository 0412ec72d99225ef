// The history of calls in Azure Cosmos DB: one document a call, partitioned by its id.
import type { CallId } from '../call/call.ts';
import type { CallState } from '../call/call-state.ts';
import { AppError } from '../errors.ts';
import { type CallHistory, type CallPage, isNewer } from './call-history.ts';
import { type CallOrder, type CallSort, newestFirst } from './call-order.ts';
import { type CallFacets, type CallFilter, type CallQuery, facetNames, facetsOf, foldWords } from './call-query.ts';
import { callsPlan, readCode } from './cosmos-container.ts';
import { type CosmosOptions, CosmosRequests } from './cosmos-requests.ts';
import { cursorOf, formatCursor, type HistoryCursor, parseCursor } from './history-cursor.ts';

/** Functions and bridge write a call at the same time now and then; never five times in a row. */
const saveAttempts = 5;

interface CallDocument extends CallFacets {
  readonly id: CallId;
  readonly createdAt: number;
  readonly version: number;
  readonly call: CallState;
}

type KeptDocument = CallDocument & { readonly _etag: string };

export class CosmosCallHistory implements CallHistory {
  readonly #cosmos: CosmosRequests;

  /** Asks Cosmos DB nothing before something is wanted of it. Throws BAD_SETTING. Must be closed. */
  constructor(options: CosmosOptions) {
    this.#cosmos = new CosmosRequests(options, callsPlan);
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

  async list({ limit, next, order = newestFirst, ...filter }: CallQuery): Promise<CallPage> {
    const after = next === undefined ? undefined : parseCursor(next, order);
    const { where, parameters } = formatFilter(filter, order, after);
    const way = order.isUp ? 'ASC' : 'DESC';
    // Our own cursor and not the service's token: that one is not given for sorted queries over several partitions.
    const query = `SELECT TOP ${Math.trunc(limit) + 1} * FROM c ${where} ORDER BY ${pathOf(order.by)} ${way}, c.id ${way}`;
    const found = await this.#cosmos.query<CallDocument>({ query, parameters });
    const calls = found.slice(0, limit).map(({ call }) => call);
    return found.length > limit && calls.length > 0
      ? { calls, next: formatCursor(cursorOf(calls.at(-1)!, order), order) }
      : { calls };
  }

  async listUnended(limit: number): Promise<readonly CallState[]> {
    return this.#listStanding('live', limit);
  }

  async listOwing(limit: number): Promise<readonly CallState[]> {
    return this.#listStanding('owing', limit);
  }

  async listOldRecordings(limit: number): Promise<readonly CallId[]> {
    const query = `SELECT TOP ${Math.trunc(limit)} c.id FROM c WHERE c.recordingUntil < @now`;
    const parameters = [{ name: '@now', value: Date.now() }];
    return (await this.#cosmos.query<CallDocument>({ query, parameters })).map(({ id }) => id);
  }

  async remove(callId: CallId): Promise<void> {
    await this.#cosmos.remove(callId, callId);
  }

  /** Cosmos DB does so by itself. */
  async removeOlder(): Promise<number> {
    return 0;
  }

  async ping(): Promise<void> {
    await this.#cosmos.ping();
  }

  async close(): Promise<void> {
    this.#cosmos.close();
  }

  async #listStanding(standing: CallFacets['standing'], limit: number): Promise<readonly CallState[]> {
    const query = `SELECT TOP ${Math.trunc(limit)} * FROM c WHERE c.standing = @standing ORDER BY c.createdAt DESC`;
    const parameters = [{ name: '@standing', value: standing }];
    return (await this.#cosmos.query<CallDocument>({ query, parameters })).map(({ call }) => call);
  }

  /** False when somebody else wrote between our look and our write. */
  async #tryWrite(document: CallDocument, kept: KeptDocument | undefined): Promise<boolean> {
    return this.#cosmos.run(async (container) => {
      try {
        if (kept) {
          const accessCondition = { type: 'IfMatch', condition: kept._etag };
          await container.item(document.id, document.id).replace(document, { accessCondition });
        } else await container.items.create(document);
        return true;
      } catch (cause) {
        const code = readCode(cause);
        // What was there may be gone by now. Where nothing was, it is the container that is not.
        if (code === 409 || code === 412 || (code === 404 && kept)) return false;
        throw cause;
      }
    });
  }

  async #read(callId: CallId): Promise<KeptDocument | undefined> {
    const { resource } = await this.#cosmos.run((container) => container.item(callId, callId).read<CallDocument>());
    return resource;
  }
}

/** One of few names: none of it comes from outside. */
function pathOf(by: CallSort): string {
  return by === 'createdAt' ? 'c.createdAt' : `c.keys.${by}`;
}

function formatFilter(filter: CallFilter, order: CallOrder, after: HistoryCursor | undefined) {
  const conditions: string[] = [];
  const parameters: { name: string; value: string | number }[] = [];
  const add = (condition: string, name: string, value: string | number | undefined) => {
    if (value === undefined) return;
    if (condition) conditions.push(condition);
    parameters.push({ name, value });
  };
  if (after) {
    const path = pathOf(order.by);
    const beyond = order.isUp ? '>' : '<';
    add(`(${path} ${beyond} @key OR (${path} = @key AND c.id ${beyond} @id))`, '@key', after.key);
    add('', '@id', after.callId);
  }
  add('c.createdAt >= @from', '@from', filter.from);
  add('c.createdAt < @to', '@to', filter.to);
  for (const name of facetNames) add(`c.${name} = @${name}`, `@${name}`, filter[name]);
  add('CONTAINS(c.words, @text)', '@text', filter.text === undefined ? undefined : foldWords([filter.text]));
  return { where: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`, parameters };
}

function formatDocument(call: CallState): CallDocument {
  const { createdAt = 0, callId } = call;
  return { id: callId, createdAt, version: call.version, ...facetsOf(call), call };
}
