// Tools that an agent's file describes: a request to a service of the house. The model fills in fields; host, path and secret are the file's.
import { z } from 'zod';
import type { AgentProfile } from '../agents/agent.ts';
import type { ServiceSecret } from '../agents/foreign-service.ts';
import type { HttpToolDefinition } from '../agents/http-tools.ts';
import type { CallState } from '../call/call-state.ts';
import { cleanText } from './foreign-text.ts';
import type { LookUpCache } from './look-up-cache.ts';
import type { BoundedFetch } from './services/bounded-fetch.ts';
import { defineTool, describeSpeak, type Tool, ToolRefusal } from './tool.ts';

export interface HttpToolMeans {
  readonly fetch: BoundedFetch;
  /** By the names of their settings. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly cache: LookUpCache;
}

const maxTextCharacters = 4_000;
const hourMs = 3_600_000;

type Fields = Readonly<Record<string, unknown>>;

export function createHttpTools(agent: AgentProfile, means: HttpToolMeans): readonly Tool[] {
  return Object.entries(agent.http_tools).map(([name, definition]) => createHttpTool(agent, name, definition, means));
}

function createHttpTool(agent: AgentProfile, name: string, definition: HttpToolDefinition, means: HttpToolMeans): Tool {
  const { method, timeout_seconds: limitSeconds, cache_seconds: cacheSeconds, input, speak } = definition;
  const ask = async (fields: Fields, call: CallState, signal: AbortSignal) => {
    const { url, body } = createRequest(definition, fields, call);
    const response = await means.fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...formatSecret(definition.secret, means.secrets),
      },
      signal,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return readAnswer(response);
  };
  return defineTool({
    name,
    description: `${definition.description}${describeSpeak(speak)}`,
    input: z.fromJSONSchema(input as Parameters<typeof z.fromJSONSchema>[0]),
    parameters: { ...input, additionalProperties: false },
    speak,
    limitMs: limitSeconds * 1000,
    async run(given, { call, signal }) {
      const fields = given as Fields;
      if (cacheSeconds === 0) return (await ask(fields, call, signal)) ?? { found: false };
      // What a call fills in is part of the address, and so of what is looked up.
      const { url } = createRequest(definition, fields, call);
      const load = (signal: AbortSignal) => ask(fields, call, signal);
      const freshMs = cacheSeconds * 1000;
      const times = { freshMs, absentMs: Math.min(freshMs, 60_000), staleMs: hourMs };
      const value = await means.cache.get(
        { source: `http/${agent.name}/${name}`, parts: [url], ...times, load },
        signal,
      );
      return value ?? { found: false };
    },
  });
}

/** Throws ToolRefusal for values that fit no address. */
export function createRequest(
  { url: template, method, input }: Pick<HttpToolDefinition, 'url' | 'method' | 'input'>,
  fields: Fields,
  call: CallState,
): { readonly url: string; readonly body: Fields | undefined } {
  const used = new Set<string>();
  const filled = template
    .replace(/\{\{([a-z][a-z0-9_]*)\}\}/g, (_, name: string) => encode(findFact(call, name), name))
    .replace(/\{([a-z][a-z0-9_]*)\}/g, (_, name: string) => {
      used.add(name);
      return encode(fields[name], name);
    });
  const rest = Object.entries(fields).filter(
    ([name, value]) => !used.has(name) && value !== undefined && Object.hasOwn(input.properties, name),
  );
  const url = new URL(filled);
  if (method !== 'GET' && method !== 'DELETE') return { url: url.href, body: Object.fromEntries(rest) };
  for (const [name, value] of rest)
    url.searchParams.append(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  return { url: url.href, body: undefined };
}

/** Of the call itself: whoever talks the model into something does not choose it. */
function findFact({ callId, remoteParty, context = {} }: CallState, name: string): unknown {
  if (name === 'call_id') return callId;
  if (name === 'caller_number') return remoteParty === 'unknown' ? undefined : remoteParty;
  return Object.hasOwn(context, name) ? context[name] : undefined;
}

function encode(value: unknown, name: string): string {
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  // A path of dots is another path, and an empty one too.
  if (typeof text !== 'string' || /^\.*$/.test(text) || text.length > 500)
    throw new ToolRefusal(`${name} is not known, or is nothing that can be asked for.`);
  return encodeURIComponent(text);
}

function formatSecret(secret: ServiceSecret | undefined, secrets: HttpToolMeans['secrets']): Record<string, string> {
  return secret ? { [secret.header]: secret.prefix + (secrets[secret.setting] ?? '') } : {};
}

/** Undefined: there is no such thing. */
async function readAnswer(response: Response): Promise<unknown> {
  const text = await response.text();
  if (response.status === 404 || response.status === 410) return undefined;
  if (response.status >= 500) throw new Error(`the service of a tool answered ${response.status}`);
  if (!response.ok) throw new ToolRefusal(`The service refused (${response.status}): ${cleanText(text, 300)}`);
  if (text.trim() === '') return { done: true };
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return { text: text.slice(0, maxTextCharacters) };
  }
}
