// The index of jobs in Azure AI Search: found by keyword and by meaning together, ranked by the service where the index can, and read one by one.
import type { SearchClient } from '@azure/search-documents';
import type { AzureCredential } from '../../azure-credential.ts';
import { isLoopback } from '../../config.ts';
import { AppError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';

/** As the index has it, without its vectors. */
export type JobDocument = Readonly<Record<string, unknown>>;

export interface JobIndexOptions {
  readonly endpoint: string;
  readonly index: string;
  /** Undefined: managed identity. */
  readonly key: string | undefined;
  readonly credential: () => AzureCredential;
  /** Whose meaning the service compares; it embeds the question by the index's own vectorizer. */
  readonly vectorField: string;
  readonly log: Logger;
}

/** Of the nearest by meaning, before both rankings are joined. */
const nearest = 50;
/** A list of so many numbers is a vector. */
const leastVectorLength = 16;
/** What an index lacks may be added to it. */
const forgetLacksAfterMs = 600_000;

type Ability = 'semantic' | 'vector';

export class JobIndex {
  readonly #options: JobIndexOptions;
  #client: Promise<SearchClient<Record<string, unknown>>> | undefined;
  /** What the service said it cannot do with this index, and until when that is believed. */
  readonly #lacks = new Map<Ability, number>();

  constructor(options: JobIndexOptions) {
    this.#options = options;
  }

  /** Best first. Throws TOOL_FAILED. */
  async search(words: string, count: number, signal: AbortSignal): Promise<readonly JobDocument[]> {
    for (;;) {
      const semantic = this.#can('semantic');
      const vector = this.#can('vector');
      try {
        return await this.#ask(words, count, { semantic, vector }, signal);
      } catch (error) {
        const lack = findLack(error, { semantic, vector });
        if (lack === undefined) throw this.#fail(error);
        this.#lacks.set(lack, Date.now() + forgetLacksAfterMs);
        this.#options.log.warn(
          { index: this.#options.index, lack },
          'the index of jobs cannot do this: it is left out',
        );
      }
    }
  }

  /** By the key of the index. Undefined where there is no such job. Throws TOOL_FAILED. */
  async find(id: string, signal: AbortSignal): Promise<JobDocument | undefined> {
    let status = 0;
    try {
      const client = await this.#open();
      const onResponse = (response: { status: number }) => {
        status = response.status;
      };
      return strip(await client.getDocument(id, { abortSignal: signal, onResponse }));
    } catch (error) {
      // Told without a body, which the client takes for a mistake of its own.
      if (status === 404) return undefined;
      throw this.#fail(error);
    }
  }

  async #ask(
    words: string,
    count: number,
    { semantic, vector }: Record<Ability, boolean>,
    abortSignal: AbortSignal,
  ): Promise<readonly JobDocument[]> {
    const client = await this.#open();
    const fields = [this.#options.vectorField];
    const { results } = await client.search(words, {
      top: count,
      abortSignal,
      ...(semantic ? { queryType: 'semantic', semanticSearchOptions: {} } : { queryType: 'simple' }),
      ...(vector && {
        vectorSearchOptions: { queries: [{ kind: 'text', text: words, fields, kNearestNeighborsCount: nearest }] },
      }),
    });
    const found: JobDocument[] = [];
    for await (const { document } of results) {
      found.push(strip(document));
      if (found.length === count) break;
    }
    return found;
  }

  #can(ability: Ability): boolean {
    return (this.#lacks.get(ability) ?? 0) <= Date.now();
  }

  /** The client takes 0.15 s to load: whoever searches nothing does not wait for it. */
  #open(): Promise<SearchClient<Record<string, unknown>>> {
    this.#client ??= this.#create().catch((error: unknown) => {
      this.#client = undefined;
      throw error;
    });
    return this.#client;
  }

  async #create(): Promise<SearchClient<Record<string, unknown>>> {
    const { AzureKeyCredential, SearchClient } = await import('@azure/search-documents');
    const { endpoint, index, key, credential } = this.#options;
    return new SearchClient(endpoint, index, key === undefined ? credential() : new AzureKeyCredential(key), {
      allowInsecureConnection: isLoopback(new URL(endpoint).hostname),
      // A caller waits: once more, and at once.
      retryOptions: { maxRetries: 1, retryDelayInMs: 200, maxRetryDelayInMs: 1_000 },
    });
  }

  #fail(cause: unknown): AppError {
    const { statusCode, code } = cause as { statusCode?: number; code?: string };
    return new AppError('TOOL_FAILED', `Azure AI Search does not answer (${statusCode ?? code ?? 'no connection'})`, {
      cause,
    });
  }
}

/** 400 with a sentence that names it: there is no code for it. */
function findLack(error: unknown, tried: Readonly<Record<Ability, boolean>>): Ability | undefined {
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  if (statusCode !== 400 || message === undefined) return undefined;
  if (tried.semantic && /semantic/i.test(message)) return 'semantic';
  if (tried.vector && /vector/i.test(message)) return 'vector';
  return undefined;
}

function strip(document: JobDocument): JobDocument {
  const kept = Object.entries(document).filter(
    ([name, value]) => !name.startsWith('@') && value !== null && !isVector(value),
  );
  return Object.fromEntries(kept);
}

function isVector(value: unknown): boolean {
  return Array.isArray(value) && value.length >= leastVectorLength && value.every((part) => typeof part === 'number');
}
