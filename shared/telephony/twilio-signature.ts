// Whether a request or a socket's upgrade was signed by Twilio: X-Twilio-Signature over the public URL and the form.
import twilio from 'twilio';

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

const defaultPorts: Record<string, string> = { 'https:': '443', 'wss:': '443', 'http:': '80', 'ws:': '80' };

export function isSignedByTwilio({ authToken, publicUrl, path, signature, form = {} }: TwilioSignedRequest): boolean {
  if (!signature || !path.startsWith('/')) return false;
  try {
    const { protocol, hostname, host } = new URL(publicUrl);
    const base = publicUrl.replace(/\/+$/, '');
    const prefix = base.slice(base.indexOf(host) + host.length);
    // validateRequest tries port 80 for wss, so the form with Twilio's port is tried here.
    const origins = host === hostname ? [host, `${hostname}:${defaultPorts[protocol]}`] : [host];
    return origins.some((origin) =>
      twilio.validateRequest(authToken, signature, `${protocol}//${origin}${prefix}${path}`, { ...form }),
    );
  } catch {
    // It throws for what it cannot hash, such as a URL that is none.
    return false;
  }
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
