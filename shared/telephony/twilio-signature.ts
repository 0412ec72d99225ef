// Whether a request or a socket's upgrade was signed by Twilio: X-Twilio-Signature over the public URL and the form.
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface TwilioSignedRequest {
  readonly authToken: string;
  /** The origin that Twilio was told (https for webhooks, wss for sockets), never one rebuilt from proxy headers. */
  readonly publicUrl: string;
  /** Path and query as they arrived, byte by byte. */
  readonly path: string;
  readonly signature: string | undefined;
  /** Empty for GET and for sockets. A repeated field is an array. */
  readonly form?: Readonly<Record<string, string | readonly string[]>>;
}

const defaultPorts: Readonly<Record<string, string>> = { https: '443', wss: '443', http: '80', ws: '80' };
const originPattern = /^(https?|wss?):\/\/(\[[^\]]+\]|[^/?#:@]+)(?::(\d+))?(\/.*)?$/;

export function isSignedByTwilio({ authToken, publicUrl, path, signature, form = {} }: TwilioSignedRequest): boolean {
  const [, scheme, name, port, prefix = ''] = originPattern.exec(publicUrl) ?? [];
  if (!authToken || !signature || scheme === undefined || !path.startsWith('/')) return false;
  // Twilio signs the address now with its port, now without.
  const hosts = [name, `${name}:${port ?? defaultPorts[scheme]}`];
  return hosts.some((host) => {
    const text = `${scheme}://${host}${prefix.replace(/\/+$/, '')}${path}${formatSignedForm(form)}`;
    const wanted = Buffer.from(createHmac('sha1', authToken).update(text).digest('base64'));
    const given = Buffer.from(signature);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
}

/** By name, each with its values; of a repeated field every value once. */
function formatSignedForm(form: Readonly<Record<string, string | readonly string[]>>): string {
  return Object.entries(form)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, values]) => [...new Set([values].flat())].sort().map((value) => name + value))
    .join('');
}

/** A form as Twilio hashes it. URLSearchParams keeps empty fields and blanks, which other parsers lose. */
export function parseTwilioForm(body: string): Record<string, string | string[]> {
  const fields = new URLSearchParams(body);
  return Object.fromEntries(
    [...new Set(fields.keys())].map((name) => {
      const values = fields.getAll(name);
      return [name, values.length === 1 ? values[0]! : values];
    }),
  );
}
