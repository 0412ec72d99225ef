// A strict stand-in of one account of Azure Blob Storage: block blobs of its containers, by the account's key, over real HTTP.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const account = 'parleylocal';

interface Blob {
  readonly content: Buffer;
  readonly contentType: string;
}

export interface BlobStorage {
  /** Of the container, with the account in its path, as emulators have it. */
  readonly containerUrl: string;
  readonly key: string;
  readonly blobs: Map<string, Blob>;
  /** Another service's work: Event Grid's, say. */
  put(name: string, content: string): void;
  /** Every request is answered so, until it is taken back. */
  fail: number | 'silence' | undefined;
  stop(): Promise<void>;
}

class StorageError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

export async function startBlobStorage(container = 'recordings'): Promise<BlobStorage> {
  const key = randomBytes(64).toString('base64');
  const blobs = new Map<string, Blob>();
  const blocks = new Map<string, Map<string, Buffer>>();
  const storage = { fail: undefined as BlobStorage['fail'] };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url!, 'http://storage');
    const body = await readBody(request);
    if (storage.fail === 'silence') return;
    if (storage.fail !== undefined) throw new StorageError(storage.fail, 'ServerBusy');
    if (!isSigned(request, url, key)) throw new StorageError(403, 'AuthenticationFailed');
    if (!request.headers['x-ms-version']) throw new StorageError(400, 'MissingRequiredHeader');
    const [, , inContainer, ...rest] = url.pathname.split('/').map(decodeURIComponent);
    if (inContainer !== container) throw new StorageError(404, 'ContainerNotFound');
    const name = rest.join('/');
    const send = (status: number, headers: Record<string, string> = {}, content: Buffer | string = '') => {
      response.writeHead(status, {
        'x-ms-version': '2025-01-05',
        'last-modified': new Date(0).toUTCString(),
        etag: '"1"',
        ...headers,
      });
      response.end(content);
    };
    const comp = url.searchParams.get('comp');
    if (request.method === 'GET' && name === '' && comp === 'list') {
      const prefix = url.searchParams.get('prefix') ?? '';
      return send(
        200,
        { 'content-type': 'application/xml' },
        formatList([...blobs.keys()].filter((one) => one.startsWith(prefix)).sort()),
      );
    }
    if (request.method === 'PUT' && comp === 'block') {
      const id = url.searchParams.get('blockid')!;
      blocks.set(name, (blocks.get(name) ?? new Map()).set(id, body));
      return send(201);
    }
    if (request.method === 'PUT') {
      const contentType = String(request.headers['x-ms-blob-content-type'] ?? 'application/octet-stream');
      if (comp !== 'blocklist' && request.headers['x-ms-blob-type'] !== 'BlockBlob')
        throw new StorageError(400, 'MissingRequiredHeader');
      const content = comp === 'blocklist' ? joinBlocks(body.toString(), blocks.get(name)) : body;
      blocks.delete(name);
      blobs.set(name, { content, contentType });
      return send(201);
    }
    const blob = blobs.get(name);
    if (!blob) throw new StorageError(404, 'BlobNotFound');
    const described = { 'content-type': blob.contentType, 'x-ms-blob-type': 'BlockBlob' };
    if (request.method === 'HEAD') return send(200, { ...described, 'content-length': String(blob.content.length) });
    if (request.method === 'DELETE') {
      blobs.delete(name);
      return send(202);
    }
    const [, from, to] =
      /^bytes=(\d+)-(\d*)$/.exec(String(request.headers['x-ms-range'] ?? request.headers.range ?? '')) ?? [];
    if (from === undefined)
      return send(200, { ...described, 'content-length': String(blob.content.length) }, blob.content);
    if (Number(from) >= blob.content.length) throw new StorageError(416, 'InvalidRange');
    const end = Math.min(to ? Number(to) : Number.POSITIVE_INFINITY, blob.content.length - 1);
    const part = blob.content.subarray(Number(from), end + 1);
    const range = `bytes ${from}-${end}/${blob.content.length}`;
    send(206, { ...described, 'content-length': String(part.length), 'content-range': range }, part);
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const { status, code } = error instanceof StorageError ? error : { status: 500, code: 'InternalError' };
      const text = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`;
      response.writeHead(status, { 'x-ms-error-code': code, 'content-type': 'application/xml' });
      response.end(request.method === 'HEAD' ? undefined : text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(storage, {
    containerUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${account}/${container}`,
    key,
    blobs,
    put(name: string, content: string) {
      blobs.set(name, { content: Buffer.from(content), contentType: 'application/octet-stream' });
    },
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

/** The shared key of the storage account: canonical headers, and the resource with the account in front. */
function isSigned({ method, headers }: IncomingMessage, url: URL, key: string): boolean {
  const header = (name: string) => String(headers[name] ?? '');
  const length = header('content-length');
  const canonical = Object.entries(headers)
    .filter(([name]) => name.startsWith('x-ms-'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${String(value)}\n`)
    .join('');
  const queries = [...new Set(url.searchParams.keys())]
    .sort()
    .map((name) => `\n${name.toLowerCase()}:${url.searchParams.getAll(name).sort().join(',')}`)
    .join('');
  const named = ['content-encoding', 'content-language', '', 'content-md5', 'content-type', '', 'if-modified-since'];
  const rest = ['if-match', 'if-none-match', 'if-unmodified-since', 'range'];
  const lines = named.map((name, index) =>
    index === 2 ? (length === '0' ? '' : length) : name === '' ? '' : header(name),
  );
  const text = `${[method, ...lines, ...rest.map(header)].join('\n')}\n${canonical}/${account}${url.pathname}${queries}`;
  const expected = createHmac('sha256', Buffer.from(key, 'base64')).update(text, 'utf8').digest();
  const given = Buffer.from(header('authorization').split(`SharedKey ${account}:`)[1] ?? '', 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function joinBlocks(list: string, blocks: ReadonlyMap<string, Buffer> | undefined): Buffer {
  const ids = [...list.matchAll(/<(?:Latest|Uncommitted)>([^<]+)<\//g)].map(([, id]) => id!);
  const parts = ids.map((id) => blocks?.get(id));
  if (parts.includes(undefined)) throw new StorageError(400, 'InvalidBlockList');
  return Buffer.concat(parts as Buffer[]);
}

function formatList(names: readonly string[]): string {
  const blobs = names.map(
    (name) => `<Blob><Name>${name}</Name><Properties><BlobType>BlockBlob</BlobType></Properties></Blob>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs>${blobs.join('')}</Blobs><NextMarker/></EnumerationResults>`;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
