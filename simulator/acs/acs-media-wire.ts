// The messages of ACS media streaming as the service itself writes and reads them, independent of the product's own reading.

export type WireCasing = 'documented' | 'pascal';

export function formatAudioMetadata(
  metadata: { readonly subscriptionId: string; readonly sampleRate: number; readonly frameBytes: number },
  casing: WireCasing,
): string {
  const { subscriptionId, sampleRate, frameBytes } = metadata;
  const body = { subscriptionId, encoding: 'PCM', sampleRate, channels: 1, length: frameBytes };
  return format('AudioMetadata', body, casing);
}

/** `participantRawID` is absent from a mixed stream. */
export function formatAudioData(
  audio: {
    readonly timestamp: string;
    readonly participantRawID?: string;
    readonly pcm: Buffer;
    readonly silent: boolean;
  },
  casing: WireCasing,
): string {
  const { timestamp, participantRawID, pcm, silent } = audio;
  const data = pcm.toString('base64');
  // Fifty times a second: what the other casings take is not worth it here.
  if (casing === 'documented')
    return JSON.stringify({ kind: 'AudioData', audioData: { timestamp, participantRawID, data, silent } });
  return format('AudioData', { timestamp, participantRawID, data, silent }, casing);
}

export function formatDtmfData(key: string, casing: WireCasing): string {
  return format('DtmfData', { data: key }, casing);
}

function format(kind: string, body: Record<string, unknown>, casing: WireCasing): string {
  if (casing === 'documented') return JSON.stringify({ kind, [kind[0]!.toLowerCase() + kind.slice(1)]: body });
  const pascal = Object.entries(body).map(([key, value]) => [key[0]!.toUpperCase() + key.slice(1), value]);
  return JSON.stringify({ Kind: kind, [kind]: Object.fromEntries(pascal) });
}

export type OutboundMessage =
  | { readonly kind: 'audio'; readonly pcm: Buffer }
  | { readonly kind: 'stop' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'invalid' };

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Names are read in any case, and only `kind` decides: the official client puts an empty `stopAudio` into every audio
 * message. The service drops what it cannot read without a word.
 */
export function parseOutbound(text: string): OutboundMessage {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return { kind: 'invalid' };
  }
  const kind = find(message, 'kind');
  if (typeof kind !== 'string') return { kind: 'invalid' };
  switch (kind.toLowerCase()) {
    case 'stopaudio':
      return { kind: 'stop' };
    case 'audiodata': {
      const data = find(find(message, 'audioData'), 'data');
      if (typeof data !== 'string' || !base64.test(data)) return { kind: 'invalid' };
      const pcm = Buffer.from(data, 'base64');
      // Half a sample would turn everything after it into noise.
      return pcm.length % 2 === 0 ? { kind: 'audio', pcm } : { kind: 'invalid' };
    }
    default:
      return { kind: 'unknown' };
  }
}

function find(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const lower = name.toLowerCase();
  return Object.entries(value).find(([key]) => key.toLowerCase() === lower)?.[1];
}
