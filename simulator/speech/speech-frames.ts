// Azure Speech's framing on a WebSocket: header lines and a body, as text or, with their length in front, as binary.

export interface SpeechFrame {
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly path: string;
  readonly requestId: string;
  readonly body: Buffer;
}

/** What the service does not understand: it closes the socket with 1007. */
export class BadSpeechFrame extends Error {}

/** Throws BadSpeechFrame. */
export function parseSpeechFrame(data: Buffer, isBinary: boolean): SpeechFrame {
  let head: string;
  let body: Buffer;
  if (isBinary) {
    if (data.length < 2 || data.length < 2 + data.readUInt16BE(0)) throw new BadSpeechFrame('frame too short');
    const end = 2 + data.readUInt16BE(0);
    head = data.subarray(2, end).toString('latin1');
    body = data.subarray(end);
  } else {
    const end = data.indexOf('\r\n\r\n');
    if (end < 0) throw new BadSpeechFrame('no headers');
    head = data.subarray(0, end).toString('latin1');
    body = data.subarray(end + 4);
  }
  const headers = new Map<string, string>();
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const path = headers.get('path')?.toLowerCase();
  const requestId = headers.get('x-requestid');
  if (!path || !requestId || !/^[0-9a-f]{32}$/i.test(requestId)) throw new BadSpeechFrame('no path or request id');
  return { headers, path, requestId, body };
}

/** `json`: the body. */
export function formatTextFrame(path: string, requestId: string, json: string): string {
  return `X-RequestId:${requestId}\r\nContent-Type:application/json; charset=utf-8\r\nPath:${path}\r\n\r\n${json}`;
}

export function formatAudioFrame(requestId: string, streamId: string, audio: Buffer): Buffer {
  const head = Buffer.from(
    `X-RequestId:${requestId}\r\nContent-Type:audio/x-wav\r\nX-StreamId:${streamId}\r\nPath:audio\r\n`,
    'latin1',
  );
  const length = Buffer.alloc(2);
  length.writeUInt16BE(head.length);
  return Buffer.concat([length, head, audio]);
}

/** The service counts time in steps of 100 ns. */
export function toTicks(ms: number): number {
  return Math.round(ms * 10_000);
}

/** Throws BadSpeechFrame. */
export function parseJsonBody(frame: SpeechFrame): unknown {
  try {
    return JSON.parse(frame.body.toString());
  } catch {
    throw new BadSpeechFrame(`the body of ${frame.path} is not JSON`);
  }
}
