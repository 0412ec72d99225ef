// One conversation with an MCP server: each tool call and each look at the server's tools has its own, so that no call can meet another there.
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { McpServerDefinition } from '../../agents/mcp-servers.ts';
import type { BoundedFetch } from '../services/bounded-fetch.ts';

export interface McpMeans {
  readonly fetch: BoundedFetch;
  readonly secrets: Readonly<Record<string, string>>;
}

/** What is left of a session is for the server to forget. */
const endMs = 1_000;

/** Rejects when the server cannot be talked to, with `signal`'s reason too. The library takes 0.1 s to load. */
export async function talkToMcpServer<Value>(
  { url, secret }: McpServerDefinition,
  { fetch, secrets }: McpMeans,
  talk: (client: Client) => Promise<Value>,
  signal: AbortSignal,
): Promise<Value> {
  signal.throwIfAborted();
  const [{ Client }, { StreamableHTTPClientTransport }] = await Promise.all([
    import('@modelcontextprotocol/sdk/client/index.js'),
    import('@modelcontextprotocol/sdk/client/streamableHttp.js'),
  ]);
  const client = new Client({ name: 'parley', version: '1' });
  const headers = secret ? { [secret.header]: secret.prefix + (secrets[secret.setting] ?? '') } : {};
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers },
    // Nothing is to be told that was not asked for: no stream beside the answers, and none again.
    fetch: (address, init) =>
      init?.method === 'GET' ? Promise.resolve(new Response(null, { status: 405 })) : fetch(address, init),
    reconnectionOptions: {
      initialReconnectionDelay: 1_000,
      maxReconnectionDelay: 1_000,
      reconnectionDelayGrowFactor: 1,
      maxRetries: 0,
    },
  });
  const leave = () => void client.close().catch(() => {});
  signal.addEventListener('abort', leave, { once: true });
  try {
    await client.connect(transport, { signal });
    return await talk(client);
  } finally {
    signal.removeEventListener('abort', leave);
    end(transport, client);
  }
}

/** Nobody waits for it. */
function end(transport: { sessionId?: string; terminateSession(): Promise<void> }, client: Client): void {
  const close = () => client.close().catch(() => {});
  if (transport.sessionId === undefined) return void close();
  const timer = setTimeout(close, endMs);
  transport
    .terminateSession()
    .catch(() => {})
    .finally(() => {
      clearTimeout(timer);
      void close();
    });
}
