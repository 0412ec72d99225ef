// Twilio's REST API as far as calls go: Basic auth, forms in, JSON out, errors with Twilio's numbers.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TwilioCall, TwilioCallOptions } from './twilio-call.ts';
import { createSid, type TwilioContext } from './twilio-context.ts';
import type { TwimlSource } from './twiml-runner.ts';

export interface TwilioAccount {
  readonly context: TwilioContext;
  readonly calls: readonly TwilioCall[];
  readonly numbers: ReadonlySet<string>;
  /** Puts a call into the queue. */
  create(options: TwilioCallOptions): TwilioCall;
  remove(call: TwilioCall): void;
}

export interface RestRecord {
  readonly method: string;
  readonly path: string;
  readonly form: URLSearchParams;
  readonly status: number;
}

class RestError extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const e164 = /^\+[1-9]\d{6,14}$/;
const maxTwimlLength = 4000;
const maxBodyBytes = 64 * 1024;

export async function answerRest(
  account: TwilioAccount,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<RestRecord> {
  const { rest } = account.context.faults;
  const url = new URL(request.url ?? '/', 'http://twilio');
  const method = request.method ?? 'GET';
  let form = new URLSearchParams();
  let status = 200;
  let body: object | undefined;
  try {
    form = await readForm(request);
    const fails = rest.failNext > 0;
    if (fails) rest.failNext--;
    const failure = new RestError(rest.status, rest.code, 'A fault of the stand-in');
    if (fails && !rest.afterProcessing) throw failure;
    ({ status, body } = route(account, request, method, url, form));
    if (fails) throw failure;
  } catch (error) {
    const {
      status: failed,
      code,
      message,
    } = error instanceof RestError ? error : new RestError(500, 20500, 'An internal server error has occurred');
    status = failed;
    body = { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status };
  }
  response.writeHead(status, { 'Content-Type': 'application/json;charset=utf-8' });
  response.end(body && JSON.stringify(body));
  return { method, path: url.pathname, form, status };
}

function route(
  account: TwilioAccount,
  request: IncomingMessage,
  method: string,
  url: URL,
  form: URLSearchParams,
): { status: number; body?: object } {
  const { accountSid, authToken } = account.context;
  const expected = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  if (request.headers.authorization !== expected) throw new RestError(401, 20003, 'Authenticate');
  const missing = () => new RestError(404, 20404, `The requested resource ${url.pathname} was not found`);
  const match = /^\/2010-04-01\/Accounts\/(AC[0-9a-f]{32})\/Calls(?:\/(CA[0-9a-f]{32}))?\.json$/.exec(url.pathname);
  if (match?.[1] !== accountSid) throw missing();
  if (match[2] === undefined) {
    if (method === 'GET') return { status: 200, body: list(account, url) };
    if (method !== 'POST') throw missing();
    return { status: 201, body: describeCall(account.context, account.create(readCreate(account, form))) };
  }
  const call = account.calls.find(({ sid }) => sid === match[2]);
  if (!call) throw missing();
  if (method === 'DELETE') {
    account.remove(call);
    return { status: 204 };
  }
  if (method === 'POST') update(account, call, form);
  return { status: 200, body: describeCall(account.context, call) };
}

function readCreate({ context, numbers }: TwilioAccount, form: URLSearchParams): TwilioCallOptions {
  const refuse = (code: number, message: string) => new RestError(400, code, message);
  const [to, from] = [form.get('To'), form.get('From')];
  if (!to) throw refuse(21201, "No 'To' number is specified");
  if (!from) throw refuse(21213, "No 'From' number is specified");
  if (!e164.test(to) || to === from)
    throw refuse(21211, `The phone number you are attempting to call, ${to}, is not valid`);
  if (!e164.test(from)) throw refuse(21212, `The phone number ${from} is not valid`);
  if (!numbers.has(from)) throw refuse(21210, `The source phone number provided, ${from}, is not yet verified`);
  const source = readSource(form);
  if (!source) throw refuse(21205, 'Url parameter is required');
  const timeoutSeconds = Number(form.get('Timeout') ?? 60);
  if (!(timeoutSeconds > 0 && timeoutSeconds <= 600)) throw refuse(21208, 'Timeout is not valid');
  const detection = form.get('MachineDetection');
  if (detection !== null && detection !== 'Enable' && detection !== 'DetectMessageEnd') {
    throw refuse(21234, 'MachineDetection is not valid');
  }
  const isAsync = form.get('AsyncAmd') === 'true';
  // Waiting for the verdict before the TwiML is asked for is not played here.
  if (detection !== null && !isAsync) throw new RestError(501, 20501, 'The stand-in knows AsyncAmd only');
  const amdCallback = form.get('AsyncAmdStatusCallback') ?? undefined;
  if (detection !== null && amdCallback === undefined) context.warn(21262, '', 'AsyncAmd without a callback');
  const statusEvents = form.getAll('StatusCallbackEvent');
  return {
    direction: 'outbound-api',
    from,
    to,
    source,
    timeoutSeconds,
    statusCallback: form.get('StatusCallback') ?? undefined,
    statusEvents: statusEvents.length > 0 ? statusEvents : ['completed'],
    amdCallback: detection === null ? undefined : amdCallback,
  };
}

function readSource(form: URLSearchParams): TwimlSource | undefined {
  const [url, twiml] = [form.get('Url'), form.get('Twiml')];
  if (url) return { url };
  if (twiml === null) return undefined;
  if (twiml.length > maxTwimlLength) throw new RestError(400, 32018, 'Twiml is longer than 4000 characters');
  return { twiml };
}

function update({ context }: TwilioAccount, call: TwilioCall, form: URLSearchParams): void {
  if (!call.isLive) {
    const { goneCode } = context.faults.rest;
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

function list(account: TwilioAccount, url: URL): object {
  const wanted = (name: string, value: string) => {
    const filter = url.searchParams.get(name);
    return filter === null || filter === value;
  };
  const calls = account.calls.filter(
    ({ options, status }) => wanted('To', options.to) && wanted('From', options.from) && wanted('Status', status),
  );
  return {
    calls: calls.map((call) => describeCall(account.context, call)).reverse(),
    page: 0,
    page_size: 50,
    start: 0,
    end: Math.max(0, calls.length - 1),
    uri: url.pathname + url.search,
    first_page_uri: url.pathname,
    next_page_uri: null,
    previous_page_uri: null,
  };
}

function describeCall({ accountSid }: TwilioContext, call: TwilioCall): object {
  const { from, to, direction } = call.options;
  const rfc2822 = (date: Date) => date.toUTCString().replace('GMT', '+0000');
  const uri = `/2010-04-01/Accounts/${accountSid}/Calls/${call.sid}`;
  const isQueued = call.status === 'queued';
  return {
    sid: call.sid,
    date_created: isQueued ? null : rfc2822(call.createdAt),
    date_updated: isQueued ? null : rfc2822(new Date()),
    parent_call_sid: null,
    account_sid: accountSid,
    to,
    to_formatted: to,
    from,
    from_formatted: from,
    phone_number_sid: createSid('PN'),
    status: call.status === 'initiated' ? 'queued' : call.status,
    start_time: isQueued ? null : rfc2822(call.createdAt),
    end_time: call.isLive ? null : rfc2822(new Date()),
    duration: call.isLive ? null : String(call.durationSeconds),
    price: null,
    price_unit: 'USD',
    direction,
    answered_by: null,
    api_version: '2010-04-01',
    forwarded_from: null,
    group_sid: null,
    caller_name: null,
    queue_time: '0',
    trunk_sid: null,
    uri: `${uri}.json`,
    subresource_uris: { recordings: `${uri}/Recordings.json`, streams: `${uri}/Streams.json` },
  };
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
