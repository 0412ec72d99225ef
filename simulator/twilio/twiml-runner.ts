// Does what a TwiML document says, verb by verb, as far as the application uses them.

import type { WebhookAnswer } from './twilio-webhook.ts';
import { parseTwiml, type TwimlElement } from './twiml-parser.ts';

export interface DialOutcome {
  readonly DialCallStatus: 'completed' | 'busy' | 'no-answer' | 'failed' | 'canceled';
  readonly DialCallSid: string;
  readonly DialCallDuration: string;
  readonly DialBridged: 'true' | 'false';
}

export interface DialOrder {
  readonly number: string;
  readonly callerId: string | undefined;
  readonly timeoutSeconds: number;
  readonly statusCallback: string | undefined;
  readonly statusEvents: readonly string[];
}

export interface ConferenceOrder {
  readonly room: string;
  readonly startsOnEnter: boolean;
  readonly endsOnExit: boolean;
  /** What the waiting hear; nothing where it is empty, and Twilio's own music where it is left out. */
  readonly waitUrl: string | undefined;
  readonly statusCallback: string | undefined;
  readonly statusEvents: readonly string[];
}

/** The call that runs the document. */
export interface TwimlHost {
  readonly isLive: boolean;
  answer(): void;
  hangUp(): void;
  reject(reason: string): void;
  say(text: string, lengthMs: number): void;
  press(digits: string): void;
  /** Of Twilio's own time. */
  sleep(ms: number): Promise<unknown>;
  /** Resolves when the stream is over. */
  stream(url: string, parameters: Readonly<Record<string, string>>): Promise<void>;
  dial(order: DialOrder): Promise<DialOutcome>;
  /** Resolves when the call is out of the conference. */
  confer(order: ConferenceOrder): Promise<Readonly<Record<string, string>>>;
  ask(url: string, fields: Readonly<Record<string, string>>): Promise<WebhookAnswer>;
  warn(code: number, detail: string): void;
}

export type TwimlSource =
  | { readonly url: string; readonly fields?: Readonly<Record<string, string>> }
  | { readonly twiml: string };

/** About the pace of a synthetic voice. */
const sayMsPerCharacter = 60;
const digitMs = 250;
/** Of a piece of music. */
const playMs = 5_000;
const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** `signal` ends it: other TwiML took over, or the call ended. Without it the call ends with the document. */
export async function runTwiml(host: TwimlHost, first: TwimlSource, signal: AbortSignal): Promise<void> {
  let source: TwimlSource | undefined = first;
  while (source && !signal.aborted) {
    const verbs = await load(host, source);
    if (signal.aborted) return;
    if (!verbs) break;
    source = await runVerbs(host, verbs, 'url' in source ? source.url : undefined, signal);
  }
  if (!signal.aborted) host.hangUp();
}

async function load(host: TwimlHost, source: TwimlSource): Promise<readonly TwimlElement[] | undefined> {
  let text: string;
  if ('twiml' in source) text = source.twiml;
  else {
    try {
      const answer = await host.ask(source.url, source.fields ?? {});
      if (answer.status < 200 || answer.status > 299) return fail(11200, `${answer.status} from ${source.url}`);
      if (!/^(text|application)\/xml\b/.test(answer.contentType)) return fail(12300, `type ${answer.contentType}`);
      text = answer.body;
    } catch (error) {
      return fail(11200, `no answer from ${source.url}: ${String(error)}`);
    }
    if (text === '') return fail(11770, 'the document is empty');
  }
  try {
    return parseTwiml(text);
  } catch (error) {
    return fail(12100, String(error));
  }
  function fail(code: number, detail: string): undefined {
    host.warn(code, detail);
    return undefined;
  }
}

/** Resolves to the document to go on with. */
async function runVerbs(
  host: TwimlHost,
  verbs: readonly TwimlElement[],
  base: string | undefined,
  signal: AbortSignal,
): Promise<TwimlSource | undefined> {
  const resolveUrl = (url: string) => new URL(url, base).href;
  for (const [index, verb] of verbs.entries()) {
    if (signal.aborted) return undefined;
    const { name, attributes, text } = verb;
    if (name === 'Reject') {
      if (index === 0) host.reject(attributes.reason ?? 'rejected');
      return undefined;
    }
    if (name !== 'Redirect' && name !== 'Hangup') host.answer();
    switch (name) {
      case 'Say':
        await say(host, text.trim());
        break;
      case 'Pause':
        await host.sleep(Number(attributes.length ?? 1) * 1000);
        break;
      case 'Play':
        if (attributes.digits) host.press(attributes.digits);
        await host.sleep((attributes.digits ?? '').length * digitMs);
        break;
      case 'Connect': {
        const stream = verb.children.find((child) => child.name === 'Stream');
        const problem = stream ? findStreamProblem(stream) : ([12200, '<Connect> without <Stream>'] as const);
        if (problem) host.warn(...problem);
        else await host.stream(stream!.attributes.url!, readParameters(stream!));
        if (attributes.action) return { url: resolveUrl(attributes.action) };
        break;
      }
      case 'Dial': {
        const conference = verb.children.find((child) => child.name === 'Conference');
        const problem = conference && findConferenceProblem(conference, resolveUrl);
        if (problem) host.warn(...problem);
        const outcome = conference
          ? await host.confer(readConference(conference, resolveUrl))
          : await host.dial(readDial(verb));
        // Other TwiML has taken over: nobody asks what to do after this one.
        if (signal.aborted && host.isLive) return undefined;
        const action = attributes.action;
        if (!action) break;
        const source = { url: resolveUrl(action), fields: { ...outcome } };
        // A caller who did not wait: the action is told all the same, and what it answers has no effect.
        if (!host.isLive) await host.ask(source.url, source.fields).catch(() => undefined);
        return source;
      }
      case 'Redirect':
        return { url: resolveUrl(text.trim()) };
      case 'Hangup':
        host.hangUp();
        return undefined;
      default:
        host.warn(12200, `unknown verb ${name}`);
    }
  }
  return undefined;
}

function findStreamProblem(stream: TwimlElement): readonly [number, string] | undefined {
  const { url, track } = stream.attributes;
  if (url === undefined || !URL.canParse(url)) return [31923, 'the stream has no absolute URL'];
  const { protocol, hostname, search } = new URL(url);
  // The local world has no certificates: plain sockets are taken on this machine only.
  if (protocol !== 'wss:' && !(protocol === 'ws:' && loopback.has(hostname))) return [31922, 'the stream is not wss'];
  if (search !== '') return [31920, 'the URL of the stream has a query'];
  if (track !== undefined && track !== 'inbound_track') return [31941, `track ${track}`];
  const long = stream.children.find(({ attributes: { name = '', value = '' } }) => name.length + value.length >= 500);
  return long && [12200, `parameter ${long.attributes.name} is too long`];
}

function readParameters(stream: TwimlElement): Record<string, string> {
  const parameters = stream.children.filter((child) => child.name === 'Parameter');
  return Object.fromEntries(parameters.map(({ attributes }) => [attributes.name ?? '', attributes.value ?? '']));
}

const conferenceAttributes = new Set([
  'startConferenceOnEnter',
  'endConferenceOnExit',
  'waitUrl',
  'waitMethod',
  'beep',
  'muted',
  'maxParticipants',
  'participantLabel',
  'statusCallback',
  'statusCallbackMethod',
  'statusCallbackEvent',
]);

function findConferenceProblem(
  { attributes, text }: TwimlElement,
  resolveUrl: (url: string) => string,
): readonly [number, string] | undefined {
  const unknown = Object.keys(attributes).find((name) => !conferenceAttributes.has(name));
  if (unknown) return [12200, `<Conference> has no attribute ${unknown}`];
  if (text.trim() === '') return [13213, 'a conference without a name'];
  if (attributes.waitUrl && !URL.canParse(resolveUrl(attributes.waitUrl))) return [13233, 'the waitUrl is none'];
  return undefined;
}

function readConference({ attributes, text }: TwimlElement, resolveUrl: (url: string) => string): ConferenceOrder {
  const { waitUrl, statusCallback, statusCallbackEvent = '' } = attributes;
  return {
    room: text.trim(),
    startsOnEnter: attributes.startConferenceOnEnter !== 'false',
    endsOnExit: attributes.endConferenceOnExit === 'true',
    waitUrl: waitUrl ? resolveUrl(waitUrl) : waitUrl,
    statusCallback: statusCallback && resolveUrl(statusCallback),
    statusEvents: statusCallbackEvent.split(' '),
  };
}

/** What is heard while a conference has not begun: once through the document. */
export async function playWhileWaiting(host: TwimlHost, url: string, signal: AbortSignal): Promise<void> {
  const verbs = (await load(host, { url })) ?? [];
  for (const { name, attributes, text } of verbs) {
    if (signal.aborted) return;
    if (name === 'Say') {
      await say(host, text.trim());
    } else if (name === 'Pause') await host.sleep(Number(attributes.length ?? 1) * 1000);
    else if (name === 'Play') await host.sleep(playMs);
    else host.warn(12200, `<${name}> may not be played to the waiting`);
  }
}

async function say(host: TwimlHost, text: string): Promise<void> {
  const lengthMs = text.length * sayMsPerCharacter;
  host.say(text, lengthMs);
  await host.sleep(lengthMs);
}

function readDial(verb: TwimlElement): DialOrder {
  const number = verb.children.find((child) => child.name === 'Number');
  return {
    number: (number?.text ?? verb.text).trim(),
    callerId: verb.attributes.callerId,
    timeoutSeconds: Number(verb.attributes.timeout ?? 30),
    statusCallback: number?.attributes.statusCallback,
    statusEvents: (number?.attributes.statusCallbackEvent ?? 'completed').split(' '),
  };
}
