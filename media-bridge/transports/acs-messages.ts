// Reads and writes the JSON messages of ACS media streaming: the only place that knows their names.
// https://learn.microsoft.com/azure/communication-services/concepts/call-automation/audio-streaming-concept

/** One WebSocket text message holds one of these. Audio is base64 of 16-bit PCM, little-endian, mono, 20 ms a message. */
export type AcsMessage =
  /** The first message of a socket. `encoding` is "PCM", the rate 16000 or 24000. */
  | { type: 'metadata'; encoding: string; sampleRateHz: number; channels: number }
  /** `participant`: the raw id of who speaks (`4:+15550100`); absent from a mixed stream. */
  | { type: 'audio'; audio: Buffer; silent: boolean; participant: string | undefined }
  | { type: 'dtmf'; digit: string }
  | { type: 'unknown'; kind: string }
  | { type: 'malformed' };

type Fields = Record<string, unknown>;

const malformed: AcsMessage = Object.freeze({ type: 'malformed' });
const digitPattern = /^[0-9A-D*#]$/;

/** Never throws. The SDKs of this service disagree on casing (`kind`, `Kind`; `AudioData`, `audioData`): any is taken. */
export function parseAcsMessage(text: string): AcsMessage {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return malformed;
  }
  const kind = find(message, 'kind');
  if (typeof kind !== 'string') return malformed;
  switch (kind.toLowerCase()) {
    case 'audiodata':
      return parseAudio(find(message, 'audioData'));
    case 'audiometadata':
      return parseMetadata(find(message, 'audioMetadata'));
    case 'dtmfdata':
      return parseDtmf(find(message, 'dtmfData'));
    default:
      return { type: 'unknown', kind };
  }
}

/** Around PCM in the stream's own rate, in base64, which needs no escaping. */
export const acsAudio = { before: '{"kind":"AudioData","audioData":{"data":"', after: '"}}' } as const;

/** Drops all audio that the service has and did not play yet. Nothing comes back for it. */
export function formatAcsStopAudio(): string {
  return '{"kind":"StopAudio","stopAudio":{}}';
}

function parseAudio(body: unknown): AcsMessage {
  const data = find(body, 'data');
  const participant = find(body, 'participantRawID');
  if (typeof data !== 'string') return malformed;
  const audio = Buffer.from(data, 'base64');
  // Node skips what is no base64, so the lengths tell. Half a sample would turn all that follows into noise.
  if (audio.length !== Buffer.byteLength(data, 'base64') || audio.length % 2 !== 0) return malformed;
  return {
    type: 'audio',
    audio,
    silent: find(body, 'silent') === true,
    participant: typeof participant === 'string' ? participant : undefined,
  };
}

function parseMetadata(body: unknown): AcsMessage {
  const encoding = find(body, 'encoding');
  const sampleRateHz = find(body, 'sampleRate');
  const channels = find(body, 'channels') ?? 1;
  if (typeof encoding !== 'string' || typeof sampleRateHz !== 'number' || typeof channels !== 'number') {
    return malformed;
  }
  return { type: 'metadata', encoding, sampleRateHz, channels };
}

function parseDtmf(body: unknown): AcsMessage {
  const digit = find(body, 'data');
  return typeof digit === 'string' && digitPattern.test(digit) ? { type: 'dtmf', digit } : malformed;
}

/** The value of a field whose name may be in any case; `name` is the documented one, and tried first. */
function find(object: unknown, name: string): unknown {
  if (typeof object !== 'object' || object === null) return undefined;
  if (Object.hasOwn(object, name)) return (object as Fields)[name];
  const lowered = name.toLowerCase();
  const key = Object.keys(object).find((key) => key.toLowerCase() === lowered);
  return key === undefined ? undefined : (object as Fields)[key];
}
