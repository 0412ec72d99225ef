// Holds every answer that a test gets from the API to the document that describes it.
import assert from 'node:assert/strict';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { createRouteMatcher } from '../../simulator/functions-host/route-matcher.ts';
import { createHttpRoutes } from '../routes.ts';
import type { Services } from '../services.ts';

interface Described {
  readonly method: string;
  readonly path: string;
  readonly statuses: readonly string[];
}

const none = { acs: {}, api: {}, announcements: {}, console: {}, record: {} } as unknown as Services;
const route = createHttpRoutes(none).find(({ name }) => name === 'api-document')!;
const answered = await route.handle({} as never, {} as never);
export const apiDocument = answered.jsonBody as {
  openapi: string;
  paths: Record<string, Record<string, { responses: Record<string, { content: unknown }> }>>;
};

const documentId = 'https://parley.example/openapi.json';
// Formats are told to clients; the schemas that made this document check them.
const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema(apiDocument, documentId);
const described: readonly Described[] = Object.entries(apiDocument.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { responses }]) => ({ method, path, statuses: Object.keys(responses) })),
);

/** Gives the answer back; fails when the document does not allow for it. Hooks of carriers are no part of it. */
export async function checkAnswer(method: 'get' | 'post', path: string, answer: Response): Promise<Response> {
  const { pathname } = new URL(path, 'http://api.example');
  const operation = described.find((one) => one.method === method && createRouteMatcher(one.path)(pathname));
  if (!operation) return answer;
  const status = operation.statuses.includes(String(answer.status)) ? String(answer.status) : 'default';
  if (status === 'default') assert.ok(answer.status >= 400, `${method} ${path} answers ${answer.status}, undescribed`);
  const pointer = ['paths', operation.path, method, 'responses', status, 'content', 'application/json', 'schema'];
  const validate = findValidator(pointer);
  const body: unknown = await answer.clone().json();
  assert.ok(validate(body), `${method} ${path}: ${JSON.stringify(validate.errors)} in ${JSON.stringify(body)}`);
  return answer;
}

function findValidator(pointer: readonly string[]): ValidateFunction {
  const fragment = pointer
    .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
    .join('/');
  const found = ajv.getSchema(`${documentId}#/${fragment}`);
  assert.ok(found, `the document says nothing at ${pointer.join('/')}`);
  return found;
}
