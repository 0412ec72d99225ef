// A stand-in for Azure AI Search: one index of documents, found by their words and by likeness, which refuses what the service refuses.
import { z } from 'zod';
import type { JsonReply, JsonRequest, JsonService } from '../rest/json-service.ts';
import { readJson, startJsonService } from '../rest/json-service.ts';
import { rankDocuments } from './ranking.ts';

export type SearchDocument = Readonly<Record<string, unknown>> & { readonly id: string };

export interface SearchIndex {
  readonly name: string;
  readonly documents: readonly SearchDocument[];
  /** Whether it has a default semantic configuration. */
  readonly semantic?: boolean;
  /** The field that is compared by meaning, with a vectorizer of the index's own. */
  readonly vectorField?: string;
}

export interface SearchService extends JsonService {
  /** May be changed at any time. */
  readonly index: { -readonly [Field in keyof SearchIndex]: SearchIndex[Field] };
}

const versions = new Set(['2024-07-01', '2025-09-01', '2026-04-01']);
const maxTop = 1_000;

const searchBody = z.strictObject({
  search: z.string().optional(),
  queryType: z.enum(['simple', 'full', 'semantic']).default('simple'),
  semanticConfiguration: z.string().optional(),
  select: z.string().optional(),
  top: z.int().min(0).max(maxTop).default(50),
  skip: z.int().min(0).optional(),
  count: z.boolean().optional(),
  vectorQueries: z
    .array(z.strictObject({ kind: z.literal('text'), text: z.string(), fields: z.string(), k: z.int().min(1) }))
    .optional(),
});

export async function startSearch(options: {
  readonly key: string;
  readonly index: SearchIndex;
  readonly port?: number;
}): Promise<SearchService> {
  const index = { ...options.index };
  const answer = (request: JsonRequest): JsonReply => {
    if (!versions.has(request.query.get('api-version') ?? ''))
      return refuse(400, 'The api-version query parameter is invalid.');
    if (request.headers['api-key'] !== options.key)
      return { status: 403, body: problem('Forbidden', 'Access denied.') };
    const [, named, rest] = /^\/indexes\('([^']+)'\)\/docs(.*)$/.exec(request.path) ?? [];
    if (named === undefined) return refuse(404, 'Resource not found.');
    if (named !== index.name) return refuse(404, `The index '${named}' was not found.`);
    const [, id] = /^\('([^']*)'\)$/.exec(rest!) ?? [];
    if (id !== undefined && request.method === 'GET') return find(index, decodeURIComponent(id));
    if (rest === '/search.post.search' && request.method === 'POST') return search(index, request.body);
    return refuse(404, 'Resource not found.');
  };
  const service = await startJsonService({
    ...options,
    nameOf: ({ path }) => (path.endsWith('search.post.search') ? 'search' : 'get-document'),
    answer,
    fail: (status, code) => ({ status, body: problem(code, 'told to fail') }),
  });
  return { ...service, index };
}

/** The service says 404 without a word. */
function find({ documents }: SearchIndex, id: string): JsonReply {
  if (!/^[A-Za-z0-9_=-]+$/.test(id)) return refuse(400, 'Invalid document key.');
  const document = documents.find((document) => document.id === id);
  return document ? { status: 200, body: document } : { status: 404 };
}

function search(index: SearchIndex, text: string): JsonReply {
  const parsed = searchBody.safeParse(readJson(text));
  if (!parsed.success) return refuse(400, z.prettifyError(parsed.error));
  const { search: words = '*', queryType, semanticConfiguration, top, vectorQueries = [] } = parsed.data;
  if (queryType === 'semantic' && (!index.semantic || semanticConfiguration !== undefined))
    return refuse(
      400,
      `Unknown semantic configuration '${semanticConfiguration ?? ''}'. The index has no such semantic configuration.`,
    );
  const unknown = vectorQueries.find(({ fields }) => fields !== index.vectorField);
  if (unknown)
    return refuse(
      400,
      `Unknown field '${unknown.fields}' in vector field list. The field must be a vector field with a vectorizer.`,
    );
  const ranked = rankDocuments(index.documents, words, { byMeaning: vectorQueries.length > 0 });
  const value = ranked.slice(0, top).map(({ document, score }) => ({
    '@search.score': score,
    ...(queryType === 'semantic' && { '@search.rerankerScore': Math.min(4, score * 60) }),
    ...document,
  }));
  return { status: 200, body: { value } };
}

function refuse(status: number, message: string): JsonReply {
  return { status, body: problem(status === 404 ? 'ResourceNotFound' : 'InvalidRequestParameter', message) };
}

function problem(code: string, message: string): object {
  return { error: { code, message } };
}
