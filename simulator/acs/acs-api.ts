// The HTTP side of the ACS stand-in: signature, API version, faults and repeats are seen to before an operation runs.
import type { IncomingMessage } from 'node:http';
import type { RequestFailure, RequestFaults } from '../rest/request-faults.ts';
import { acsApiVersion } from './acs-context.ts';
import { AcsApiError, type AcsReply } from './acs-reply.ts';
import { refuseUnsigned } from './acs-request-auth.ts';
import type { AcsRoute } from './acs-routes.ts';

export interface AcsRequestRecord {
  readonly atMs: number;
  readonly method: string;
  readonly path: string;
  /** `unknown` for a path that no operation has. */
  readonly operation: string;
  /** 0: a fault kept the answer back. */
  readonly status: number;
  /** True: the answer was kept from the first request with the same Repeatability-Request-ID. */
  readonly repeated: boolean;
}

export interface AcsApi {
  /** `cut`, `silence`: what a fault wants in place of an answer. */
  handle(request: IncomingMessage, body: Buffer): Promise<AcsReply | 'cut' | 'silence'>;
  readonly requests: readonly AcsRequestRecord[];
  /** What was asked so far, and how it was answered. */
  forget(): void;
}

/** Enough for every call that a load test has in flight. */
const maxRepeatable = 2_000;
const maxRequests = 5_000;

export function createAcsApi(options: {
  readonly accessKey: string;
  readonly routes: readonly AcsRoute[];
  readonly faults: RequestFaults;
  /** Of the service's own time. */
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly now: () => number;
}): AcsApi {
  const { routes, faults } = options;
  const repeatable = new Map<string, Promise<AcsReply>>();
  const requests: AcsRequestRecord[] = [];

  function check(request: IncomingMessage, url: URL, body: Buffer, wanted = acsApiVersion): void {
    const refusal = refuseUnsigned(
      { method: request.method!, target: request.url!, headers: request.headers, body },
      options.accessKey,
      options.now(),
    );
    if (refusal) throw new AcsApiError({ status: 401, code: 'Denied', message: refusal });
    const version = url.searchParams.get('api-version');
    if (version !== wanted)
      throw new AcsApiError({
        status: 400,
        code: 'UnsupportedApiVersion',
        message: `The api-version ${version ?? '(none)'} is not supported; this stand-in speaks ${wanted}.`,
      });
  }

  async function run(request: IncomingMessage, url: URL, body: Buffer, route: AcsRoute | undefined): Promise<AcsReply> {
    const match = route?.path.exec(url.pathname);
    if (!route || !match)
      throw new AcsApiError({
        status: 501,
        code: 'NotImplemented',
        message: `${request.method} ${url.pathname} is not simulated.`,
      });
    let parsed: unknown;
    try {
      parsed = body.length > 0 ? JSON.parse(body.toString()) : undefined;
    } catch {
      throw new AcsApiError({ status: 400, code: '8523', message: 'Invalid request: the body is not JSON.' });
    }
    return route.handle(match, parsed);
  }

  /** A repeat gets the first answer, even while the first one is still being worked out. */
  function runOnce(request: IncomingMessage, key: string | undefined, work: () => Promise<AcsReply>) {
    if (key === undefined) return work();
    const first = repeatable.get(`${request.method} ${request.url} ${key}`);
    if (first !== undefined) return first;
    const reply = work();
    repeatable.set(`${request.method} ${request.url} ${key}`, reply);
    if (repeatable.size > maxRepeatable) repeatable.delete(repeatable.keys().next().value!);
    return reply;
  }

  return {
    requests,
    forget() {
      requests.length = 0;
      repeatable.clear();
    },
    async handle(request, body) {
      const url = new URL(request.url!, 'http://acs.invalid');
      const route = routes.find(({ method, path }) => method === request.method && path.test(url.pathname));
      const key = request.headers['repeatability-request-id'];
      const isRepeat = typeof key === 'string' && repeatable.has(`${request.method} ${request.url} ${key}`);
      const operation = route?.name ?? 'unknown';
      const carryOut = () =>
        runOnce(request, typeof key === 'string' ? key : undefined, () =>
          run(request, url, body, route).catch((error: unknown) => {
            if (error instanceof AcsApiError) return error.reply;
            throw error;
          }),
        );
      let reply: AcsReply | 'cut' | 'silence';
      try {
        check(request, url, body, route?.apiVersion);
        reply = await faults.answer(operation, { carryOut, fail: formatFailure, sleep: options.sleep });
      } catch (error) {
        reply =
          error instanceof AcsApiError
            ? error.reply
            : { status: 500, body: { error: { code: '9999', message: `The stand-in failed: ${error}` } } };
      }
      requests.push({
        atMs: performance.now(),
        method: request.method!,
        path: url.pathname,
        operation,
        status: typeof reply === 'string' ? 0 : reply.status,
        repeated: isRepeat,
      });
      if (requests.length > maxRequests) requests.shift();
      return reply;
    },
  };
}

function formatFailure(failure: RequestFailure): AcsReply {
  const { status, code = status, message = 'A fault that was asked for.', retryAfterSeconds } = failure;
  return {
    status,
    headers: retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
    body: { error: { code: String(code), message } },
  };
}
