// The API as an OpenAPI 3.1 document, made of the schemas that check requests and answers, and of the routes themselves.
import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import {
  acceptedSchema,
  callDetailSchema,
  callListSchema,
  callQuerySchema,
  callRequestSchema,
  errorSchema,
  forgetRequestSchema,
  forgettingSchema,
  healthSchema,
  peaksSchema,
  placedCallSchema,
  screeningRequestSchema,
  sourceNumberSchema,
  transferRequestSchema,
} from '../../shared/api.ts';
import {
  agentListSchema,
  clientSchema,
  functionCallSchema,
  functionOutputSchema,
  keysRequestSchema,
  sessionRequestSchema,
  sessionSchema,
  statisticsQuerySchema,
  statisticsSchema,
  talkEndSchema,
  talkRequestSchema,
  talkTicketSchema,
  toolListSchema,
  watchRequestSchema,
  watchTicketSchema,
} from '../../shared/console-api.ts';
import type { HttpRoute } from '../http-route.ts';

export interface Operation {
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answers: Readonly<Record<number, z.ZodType>>;
}

const placed = { 200: placedCallSchema, 201: placedCallSchema };

/** By the names of the routes. What is not here is no part of the API: hooks, and the console's own files. */
export const operations: Readonly<Record<string, Operation>> = {
  health: { summary: 'Whether the app can serve as it should', answers: { 200: healthSchema, 503: healthSchema } },
  client: { summary: 'Who you are here, and what you may do', answers: { 200: clientSchema } },
  'call-place': { summary: 'Place a call', body: callRequestSchema, answers: placed },
  'call-screen': {
    summary: 'Place a screening call: what is not about the dialling is told to the agent',
    body: screeningRequestSchema,
    answers: placed,
  },
  'call-list': {
    summary: 'Live and past calls, newest first',
    query: callQuerySchema,
    answers: { 200: callListSchema },
  },
  'call-show': { summary: 'One call with its turns', answers: { 200: callDetailSchema } },
  'call-hang-up': { summary: 'Hang up a live call', answers: { 202: acceptedSchema } },
  'call-keys': { summary: 'Press keys in a live call', body: keysRequestSchema, answers: { 202: acceptedSchema } },
  'call-transfer': {
    summary: "Hand a live call over to one of its agent's targets, by name",
    body: transferRequestSchema,
    answers: { 202: acceptedSchema },
  },
  'call-outcome': {
    summary: 'Have a call judged once more of which no outcome was found',
    answers: { 200: callDetailSchema },
  },
  'call-notes': { summary: 'Say that the notes of a call were seen to', answers: { 200: callDetailSchema } },
  'call-recording': {
    summary: 'The audio of a call, or a range of it: the caller left, the agent right',
    query: z.object({ part: z.coerce.number().int().optional() }),
    answers: {},
  },
  'call-peaks': { summary: 'Both sides of a recording, for a drawing', answers: { 200: peaksSchema } },
  'caller-forget': {
    summary: 'Forget a caller: every call, recording and note',
    body: forgetRequestSchema,
    answers: { 202: forgettingSchema },
  },
  'caller-forgotten': { summary: 'Whether a caller is forgotten', answers: { 200: forgettingSchema } },
  'agent-list': { summary: 'The agents there are', answers: { 200: agentListSchema } },
  'tool-list': {
    summary: 'The tools of an agent, or all of them',
    query: z.object({ agent: z.string().optional() }),
    answers: { 200: toolListSchema },
  },
  statistics: {
    summary: 'The calls of some hours in numbers',
    query: statisticsQuerySchema,
    answers: { 200: statisticsSchema },
  },
  talk: {
    summary: 'Begin a call from a browser',
    body: talkRequestSchema,
    answers: { 201: talkTicketSchema },
  },
  'talk-end': {
    summary: 'Say that whoever talked from a browser has hung up, until it is taken',
    body: talkEndSchema,
    answers: { 200: acceptedSchema },
  },
  session: {
    summary: 'An ephemeral key of Azure OpenAI, to talk with an agent by WebRTC',
    body: sessionRequestSchema,
    answers: { 200: sessionSchema },
  },
  'function-call': {
    summary: 'Run a tool for a model that talks with a browser directly',
    body: functionCallSchema,
    answers: { 200: functionOutputSchema },
  },
  'watch-ticket': {
    summary: 'A ticket for the live events of one call or of all, good for a minute',
    body: watchRequestSchema,
    answers: { 201: watchTicketSchema },
  },
  'source-number': { summary: 'The number that our calls come from', answers: { 200: sourceNumberSchema } },
};

export function createOpenApiDocument(routes: readonly HttpRoute[]) {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    const operation = operations[route.name];
    if (!operation) continue;
    const method = route.methods.includes('POST') ? 'post' : 'get';
    paths[`/${route.path}`] = { [method]: describe(route, operation) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Parley',
      version: '1',
      description:
        'Calls of the AI phone agent: place, watch, hand over and hang up. The live events of calls are sent over a WebSocket of the bridge.',
    },
    servers: [{ url: '/' }],
    components: {
      securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'x-functions-key' } },
    },
    paths,
  });
}

function describe(route: HttpRoute, { summary, query, body, answers }: Operation): ZodOpenApiOperationObject {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const path = z.object(Object.fromEntries(names.map((name) => [name, z.string()])));
  const isOpen = route.auth === 'anonymous';
  return {
    operationId: route.name,
    summary,
    ...(!isOpen && { description: `For the role ${route.auth}.`, security: [{ key: [] }] }),
    requestParams: { ...(names.length > 0 && { path }), ...(query && { query }) },
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, schema]) => [
          status,
          { description: status.startsWith('2') ? 'Done' : 'Not well', content: { 'application/json': { schema } } },
        ]),
      ),
      default: {
        description: 'It could not be done, and why',
        content: { 'application/json': { schema: errorSchema } },
      },
    },
  };
}
