// A stand-in for an MCP server over streamable HTTP: a session for each client, tools that a test gives it, and refusals of what the protocol refuses.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type JsonReply, type JsonRequest, type JsonService, startJsonService } from '../rest/json-service.ts';

export interface McpStandInTool {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema: object;
  /** The result of tools/call. */
  run(input: Readonly<Record<string, unknown>>): object;
}

export interface McpService extends JsonService {
  /** May be changed at any time. */
  readonly tools: McpStandInTool[];
  /** Which session each tool was called in. */
  readonly calls: readonly { readonly session: string; readonly name: string }[];
  /** Sessions that nobody has ended. */
  readonly open: ReadonlySet<string>;
}

const versions = new Set(['2025-03-26', '2025-06-18', '2025-11-25']);
const pageSize = 2;

const message = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string(),
  params: z.record(z.string(), z.unknown()).default({}),
});
type Message = z.output<typeof message>;

export async function startMcp(options: {
  readonly tools: readonly McpStandInTool[];
  /** Of the header Authorization; undefined: everybody may. */
  readonly authorization?: string;
  readonly port?: number;
}): Promise<McpService> {
  const tools = [...options.tools];
  const sessions = new Map<string, { isReady: boolean }>();
  const calls: { session: string; name: string }[] = [];
  const open = new Set<string>();

  const answer = (request: JsonRequest): JsonReply => {
    const { method, path, headers } = request;
    if (path !== '/mcp') return { status: 404 };
    if (options.authorization !== undefined && headers.authorization !== options.authorization) return { status: 401 };
    const session = String(headers['mcp-session-id'] ?? '');
    if (method === 'DELETE') return { status: open.delete(session) ? 200 : 404 };
    if (method !== 'POST') return { status: 405 };
    if (!/application\/json.*text\/event-stream/.test(headers.accept ?? '')) return { status: 406 };
    const parsed = message.safeParse(JSON.parse(request.body));
    if (!parsed.success)
      return { status: 400, body: { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'Invalid Request' } } };
    const asked = parsed.data;
    if (asked.method === 'initialize') return initialize(asked);
    const known = open.has(session) ? sessions.get(session) : undefined;
    if (!known) return { status: session === '' ? 400 : 404 };
    if (!versions.has(String(headers['mcp-protocol-version']))) return { status: 400 };
    if (asked.method === 'notifications/initialized') known.isReady = true;
    if (asked.id === undefined) return { status: 202 };
    if (!known.isReady) return refuse(asked, -32002, 'not initialized');
    if (asked.method === 'tools/list') return list(asked);
    if (asked.method === 'tools/call') return call(asked, session);
    return refuse(asked, -32601, 'Method not found');
  };

  const initialize = (asked: Message): JsonReply => {
    const protocolVersion = String(asked.params.protocolVersion);
    const session = randomUUID();
    sessions.set(session, { isReady: false });
    open.add(session);
    const result = { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'stand-in', version: '1' } };
    return { ...reply(asked, result), headers: { 'mcp-session-id': session } };
  };

  const list = (asked: Message): JsonReply => {
    const from = Number(asked.params.cursor ?? 0);
    const page = tools.slice(from, from + pageSize).map(({ run: _, ...tool }) => tool);
    const rest = from + pageSize < tools.length ? { nextCursor: String(from + pageSize) } : {};
    return reply(asked, { tools: page, ...rest });
  };

  const call = (asked: Message, session: string): JsonReply => {
    const tool = tools.find(({ name }) => name === asked.params.name);
    if (!tool) return refuse(asked, -32602, `Unknown tool: ${asked.params.name}`);
    calls.push({ session, name: tool.name });
    const result = tool.run((asked.params.arguments ?? {}) as Record<string, unknown>);
    // As most servers answer: one event of a stream.
    const text = `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', id: asked.id, result })}\n\n`;
    return { status: 200, headers: { 'content-type': 'text/event-stream' }, text };
  };

  const service = await startJsonService({
    ...options,
    nameOf: ({ method, body }) => (method === 'POST' ? (/"method":"([^"]+)"/.exec(body)?.[1] ?? 'other') : method),
    answer,
    fail: (status) => ({ status }),
  });
  return { ...service, tools, calls, open };
}

const reply = (asked: Message, result: object): JsonReply => ({
  status: 200,
  body: { jsonrpc: '2.0', id: asked.id, result },
});
const refuse = (asked: Message, code: number, text: string): JsonReply => ({
  status: 200,
  body: { jsonrpc: '2.0', id: asked.id, error: { code, message: text } },
});
