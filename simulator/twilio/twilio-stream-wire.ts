// The JSON of a media stream, from Twilio's side: what it sends, and the strict reading of what it is sent.

export type StreamCommand =
  | { kind: 'media'; audio: Buffer }
  | { kind: 'mark'; name: string }
  | { kind: 'clear' }
  /** Twilio warns once (31951) and goes on. */
  | { kind: 'invalid'; detail: string };

const fields: Readonly<Record<string, readonly string[]>> = {
  media: ['event', 'media', 'streamSid'],
  mark: ['event', 'mark', 'streamSid'],
  clear: ['event', 'streamSid'],
};
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function parseStreamCommand(text: string, streamSid: string): StreamCommand {
  const invalid = (detail: string): StreamCommand => ({ kind: 'invalid', detail });
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(text);
  } catch {
    return invalid('no JSON');
  }
  if (typeof json !== 'object' || json === null) return invalid('no object');
  const expected = fields[String(json.event)];
  if (!expected) return invalid(`unknown event ${String(json.event)}`);
  if (Object.keys(json).sort().join() !== expected.join()) return invalid(`fields of ${String(json.event)}`);
  if (json.streamSid !== streamSid) return invalid('another streamSid');
  if (json.event === 'clear') return { kind: 'clear' };
  const only = (value: unknown, name: string): string | undefined => {
    if (typeof value !== 'object' || value === null || Object.keys(value).join() !== name) return undefined;
    const text = (value as Record<string, unknown>)[name];
    return typeof text === 'string' && text !== '' ? text : undefined;
  };
  if (json.event === 'mark') {
    const name = only(json.mark, 'name');
    return name === undefined ? invalid('mark without name') : { kind: 'mark', name };
  }
  const payload = only(json.media, 'payload');
  if (payload === undefined || !base64.test(payload)) return invalid('media without base64 payload');
  return { kind: 'media', audio: Buffer.from(payload, 'base64') };
}

export interface StreamIdentity {
  readonly accountSid: string;
  readonly callSid: string;
  readonly streamSid: string;
}

/** Numbers every message but the first; chunks are numbered besides. */
export class StreamWriter {
  readonly #identity: StreamIdentity;
  #sequenceNumber = 0;
  #chunk = 0;

  constructor(identity: StreamIdentity) {
    this.#identity = identity;
  }

  connected(): string {
    return JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' });
  }

  start(customParameters: Readonly<Record<string, string>>): string {
    const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 };
    return this.#numbered('start', {
      start: { ...this.#identity, tracks: ['inbound'], mediaFormat, customParameters },
    });
  }

  media(timestampMs: number, audio: Buffer): string {
    this.#chunk += 1;
    const media = {
      track: 'inbound',
      chunk: String(this.#chunk),
      timestamp: String(timestampMs),
      payload: audio.toString('base64'),
    };
    return this.#numbered('media', { media });
  }

  mark(name: string): string {
    return this.#numbered('mark', { mark: { name } });
  }

  dtmf(digit: string): string {
    return this.#numbered('dtmf', { dtmf: { track: 'inbound_track', digit } });
  }

  stop(): string {
    const { accountSid, callSid } = this.#identity;
    return this.#numbered('stop', { stop: { accountSid, callSid } });
  }

  #numbered(event: string, body: object): string {
    this.#sequenceNumber += 1;
    const { streamSid } = this.#identity;
    return JSON.stringify({ event, sequenceNumber: String(this.#sequenceNumber), ...body, streamSid });
  }
}
