// Twilio's REST API as far as calls go: Basic auth, forms in, JSON out, errors with Twilio's numbers.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describeAccount, describeNumbers, type TwilioNumber } from './twilio-account.ts';
import type { TwilioCall, TwilioCallOptions } from './twilio-call.ts';
import { RestError, readCreate, readSource } from './twilio-call-form.ts';
import { describeCall, describeCalls } from './twilio-call-resource.ts';
import type { TwilioContext } from './twilio-context.ts';
import type { TwilioRecordings } from './twilio-recordings.ts';

export interface TwilioAccount {
  readonly context: TwilioContext;
  readonly calls: readonly TwilioCall[];
  readonly recordings: TwilioRecordings;
  readonly numbers: ReadonlyMap<string, TwilioNumber>;
  /** Puts a call into the queue. */
  create(options: TwilioCallOptions): TwilioCall;
  remove(call: TwilioCall): void;
}

export interface RestRecord {
  readonly method: string;
  readonly path: string;
  /** The stand-in's name of it; `unknown` when it was refused at the door. */
  readonly operation: string;
  readonly form: URLSearchParams;
  /** 0: a fault kept the answer back. */
  readonly status: number;
}

const maxBodyBytes = 64 * 1024;

export async function answerRest(
  account: TwilioAccount,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<RestRecord> {
  const { faults, timers } = account.context;
  const url = new URL(request.url ?? '/', 'http://twilio');
  const method = request.method ?? 'GET';
  let form = new URLSearchParams();
  let operation = 'unknown';
  let reply: RestReply | 'cut' | 'silence';
  try {
    form = await readForm(request);
    checkAccount(account.context, request, url);
    const found = findOperation(account, method, url, form);
    operation = found.operation;
    reply = await faults.rest.answer(operation, {
      carryOut: async () => tryTo(found.carryOut),
      fail: ({ status, code = usualCodes[status] ?? 20500, message = 'A fault of the stand-in' }) =>
        formatError(new RestError(status, Number(code), message)),
      sleep: timers.sleep,
    });
  } catch (error) {
    reply = formatError(error);
  }
  if (reply === 'cut') response.destroy();
  else if (reply !== 'silence') {
    const isAudio = Buffer.isBuffer(reply.body);
    response.writeHead(reply.status, { 'Content-Type': isAudio ? 'audio/x-wav' : 'application/json;charset=utf-8' });
    response.end(isAudio ? reply.body : reply.body && JSON.stringify(reply.body));
  }
  return { method, path: url.pathname, operation, form, status: typeof reply === 'string' ? 0 : reply.status };
}

interface RestReply {
  readonly status: number;
  readonly body?: object;
}

const usualCodes: Readonly<Record<number, number>> = { 429: 20429, 500: 20500, 503: 20503 };

function tryTo(carryOut: () => RestReply): RestReply {
  try {
    return carryOut();
  } catch (error) {
    return formatError(error);
  }
}

function formatError(error: unknown): RestReply {
  const refusal =
    error instanceof RestError ? error : new RestError(500, 20500, 'An internal server error has occurred');
  const { status, code, message } = refusal;
  return { status, body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status } };
}

function checkAccount({ accountSid, authToken }: TwilioContext, request: IncomingMessage, url: URL): void {
  const expected = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  if (request.headers.authorization !== expected) throw new RestError(401, 20003, 'Authenticate');
  if (!/^[/.]/.test(url.pathname.split(`/2010-04-01/Accounts/${accountSid}`)[1] ?? '')) throw missing(url);
}

function findOperation(
  account: TwilioAccount,
  method: string,
  url: URL,
  form: URLSearchParams,
): { readonly operation: string; carryOut(): RestReply } {
  const { context, calls, numbers } = account;
  const { accountSid } = context;
  if (method === 'GET' && url.pathname.endsWith(`/Accounts/${accountSid}.json`))
    return { operation: 'fetchAccount', carryOut: () => ({ status: 200, body: describeAccount(accountSid) }) };
  if (method === 'GET' && url.pathname.endsWith('/IncomingPhoneNumbers.json'))
    return { operation: 'listNumbers', carryOut: () => ({ status: 200, body: describeNumbers(numbers, url) }) };
  const recording = account.recordings.find(method, url, form, calls);
  if (recording) return recording;
  const match = /\/Calls(?:\/(CA[0-9a-f]{32}))?\.json$/.exec(url.pathname);
  if (!match) throw missing(url);
  if (match[1] === undefined) {
    if (method === 'GET')
      return { operation: 'listCalls', carryOut: () => ({ status: 200, body: describeCalls(accountSid, calls, url) }) };
    if (method !== 'POST') throw missing(url);
    const carryOut = () => {
      const call = account.create(readCreate(context, numbers, form));
      return { status: 201, body: describeCall(accountSid, call) };
    };
    return { operation: 'createCall', carryOut };
  }
  const find = () => {
    const call = calls.find(({ sid }) => sid === match[1]);
    if (!call) throw missing(url);
    return call;
  };
  switch (method) {
    case 'GET':
      return { operation: 'fetchCall', carryOut: () => ({ status: 200, body: describeCall(accountSid, find()) }) };
    case 'DELETE':
      return {
        operation: 'deleteCall',
        carryOut() {
          account.remove(find());
          return { status: 204 };
        },
      };
    case 'POST':
      return {
        operation: form.has('Status') ? 'hangUp' : 'redirect',
        carryOut() {
          const call = find();
          update(account, call, form);
          return { status: 200, body: describeCall(accountSid, call) };
        },
      };
    default:
      throw missing(url);
  }
}

function missing(url: URL): RestError {
  return new RestError(404, 20404, `The requested resource ${url.pathname} was not found`);
}

function update({ context }: TwilioAccount, call: TwilioCall, form: URLSearchParams): void {
  if (!call.isLive) {
    const { goneCode } = context.faults;
    throw goneCode === 21220
      ? new RestError(400, 21220, 'Call is not in-progress. Cannot redirect.')
      : new RestError(404, 20404, 'The requested resource was not found');
  }
  const status = form.get('Status');
  if (status === 'canceled') {
    if (call.status !== 'in-progress') call.finish('canceled');
    return;
  }
  if (status === 'completed') {
    call.finish('completed');
    return;
  }
  const source = readSource(form);
  if (!source) throw new RestError(400, 20001, 'Nothing to change');
  if (call.status !== 'in-progress') throw new RestError(400, 21220, 'Call is not in-progress. Cannot redirect.');
  call.redirect(source);
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > maxBodyBytes) throw new RestError(413, 20001, 'The body is too large');
    parts.push(part);
  }
  return new URLSearchParams(Buffer.concat(parts).toString());
}
