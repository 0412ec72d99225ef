// Tools of MCP servers: those that an agent's file picks, as their servers describe them now or did last, called for one call at a time.
import { z } from 'zod';
import type { AgentProfile } from '../../agents/agent.ts';
import type { McpServerDefinition } from '../../agents/mcp-servers.ts';
import type { Logger } from '../../logger.ts';
import { within } from '../../within.ts';
import { cleanSchema, cleanText } from '../foreign-text.ts';
import type { LookUpCache } from '../look-up-cache.ts';
import { defineTool, describeSpeak, type Tool, ToolRefusal } from '../tool.ts';
import { type McpMeans, talkToMcpServer } from './mcp-client.ts';

interface Described {
  readonly name: string;
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

export interface McpToolsOptions extends McpMeans {
  readonly cache: LookUpCache;
  readonly log: Logger;
}

const minuteMs = 60_000;
const listTimes = { freshMs: 5 * minuteMs, absentMs: minuteMs, staleMs: 7 * 24 * 60 * minuteMs };
/** A call that begins does not wait longer for tools that nobody has seen yet. */
const patienceMs = 500;
/** A server that does not answer is asked again so often. */
const askAgainMs = 30_000;
const longestListMs = 10_000;
const maxPages = 10;

export class McpTools {
  readonly #options: McpToolsOptions;
  /** By address: what was seen last. */
  readonly #known = new Map<string, readonly Described[]>();
  readonly #asked = new Map<string, { readonly at: number; readonly seen: Promise<void> }>();

  constructor(options: McpToolsOptions) {
    this.#options = options;
  }

  /** Asks the agent's servers what they have, where that is not known of late; waits for those of which nothing is known. Never rejects. */
  async prepare(agent: AgentProfile): Promise<void> {
    const unknown = Object.values(agent.mcp_servers).flatMap((server) => {
      const seen = this.#look(server);
      return this.#known.has(server.url) ? [] : [seen];
    });
    if (unknown.length > 0) await within(patienceMs, Promise.all(unknown), () => {});
  }

  /** Those that are known; a server that was never seen has none. */
  pick(agent: AgentProfile): readonly Tool[] {
    return Object.entries(agent.mcp_servers).flatMap(([server, definition]) =>
      (this.#known.get(definition.url) ?? [])
        .filter(({ name }) => definition.tools.includes(name))
        .map((described) => this.#createTool(server, definition, described)),
    );
  }

  #look(server: McpServerDefinition): Promise<void> {
    const last = this.#asked.get(server.url);
    const goodMs = this.#known.has(server.url) ? listTimes.freshMs : askAgainMs;
    if (last && performance.now() - last.at < goodMs) return last.seen;
    const seen = this.#list(server).catch((error: unknown) => {
      this.#options.log.warn({ host: new URL(server.url).host, error }, 'an MCP server does not tell its tools');
    });
    this.#asked.set(server.url, { at: performance.now(), seen });
    return seen;
  }

  async #list(server: McpServerDefinition): Promise<void> {
    const load = (signal: AbortSignal) =>
      talkToMcpServer(
        server,
        this.#options,
        async (client) => {
          const found: Described[] = [];
          let cursor: string | undefined;
          for (let page = 0; page < maxPages; page += 1) {
            const { tools, nextCursor } = await client.listTools(cursor === undefined ? {} : { cursor }, { signal });
            found.push(...tools.flatMap(describe));
            cursor = nextCursor;
            if (cursor === undefined) break;
          }
          return found;
        },
        signal,
      );
    const lookUp = { source: 'mcp-tools', parts: [server.url], ...listTimes, load };
    const tools = await this.#options.cache.get(lookUp, AbortSignal.timeout(longestListMs));
    if (!tools) return;
    this.#known.set(server.url, tools);
    const missing = server.tools.filter((name) => !tools.some((tool) => tool.name === name));
    if (missing.length > 0)
      this.#options.log.warn(
        { host: new URL(server.url).host, tools: missing },
        'an MCP server lacks tools that are picked of it',
      );
  }

  #createTool(server: string, definition: McpServerDefinition, { name, description, schema }: Described): Tool {
    const { speak, timeout_seconds: limitSeconds } = definition;
    return defineTool({
      name: `${server}_${name}`.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64),
      description: `Of ${server}, in its own words: "${description}"${describeSpeak(speak)}`,
      input: readSchema(schema),
      parameters: schema,
      speak,
      limitMs: limitSeconds * 1000,
      run: (input, { signal }) => {
        const request = { name, arguments: input as Record<string, unknown> };
        return talkToMcpServer(
          definition,
          this.#options,
          async (client) =>
            readResult(await client.callTool(request, undefined, { signal, timeout: limitSeconds * 1000 })),
          signal,
        );
      },
    });
  }
}

function describe({
  name,
  description,
  inputSchema,
}: {
  name: string;
  description?: string;
  inputSchema: unknown;
}): Described[] {
  const schema = cleanSchema(inputSchema);
  return schema === undefined ? [] : [{ name, description: cleanText(description).replaceAll('"', "'"), schema }];
}

/** The server checks what it is given; where its schema is beyond us, it alone does. */
function readSchema(schema: Described['schema']): z.ZodType {
  try {
    return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  } catch {
    return z.looseObject({});
  }
}

function readResult(result: Record<string, unknown>): unknown {
  const content = Array.isArray(result.content) ? (result.content as readonly { type?: string; text?: unknown }[]) : [];
  const text = content
    .flatMap(({ type, text }) => (type === 'text' && typeof text === 'string' ? [text] : []))
    .join('\n');
  if (result.isError === true) throw new ToolRefusal(`It did not work: ${cleanText(text, 300)}`);
  if (result.structuredContent !== undefined) return result.structuredContent;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return { text };
  }
}
