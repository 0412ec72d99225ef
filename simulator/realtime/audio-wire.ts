// The audio formats of the two services: base64 of PCM, mu-law or A-law to samples and back.
import { decodeG711, encodeG711 } from '../voice/g711.ts';

export interface WireFormat {
  readonly encoding: 'pcm16' | 'mulaw' | 'alaw';
  readonly sampleRate: 8000 | 16000 | 24000;
}

/** Undefined if it is not base64, or breaks in the middle of a sample. */
export function decodeWireAudio(base64: string, { encoding }: WireFormat): Int16Array | undefined {
  const bytes = Buffer.from(base64, 'base64');
  // Buffer skips what is not base64: what it skipped is missing in the length.
  if (bytes.length !== Math.floor((base64.replace(/=+$/, '').length * 3) / 4)) return undefined;
  if (encoding !== 'pcm16') return decodeG711(bytes, encoding);
  if (bytes.length % 2 !== 0) return undefined;
  const samples = new Int16Array(bytes.length / 2);
  for (let i = 0; i < samples.length; i++) samples[i] = bytes.readInt16LE(i * 2);
  return samples;
}

export function encodeWireAudio(samples: Int16Array, { encoding }: WireFormat): string {
  if (encoding !== 'pcm16') return encodeG711(samples, encoding).toString('base64');
  const bytes = Buffer.alloc(samples.length * 2);
  for (let i = 0; i < samples.length; i++) bytes.writeInt16LE(samples[i]!, i * 2);
  return bytes.toString('base64');
}

/** The formats by their names in sessions; undefined is the default. */
export function findGaFormat(format: { type?: string } | undefined): WireFormat {
  if (format?.type === 'audio/pcmu') return { encoding: 'mulaw', sampleRate: 8000 };
  if (format?.type === 'audio/pcma') return { encoding: 'alaw', sampleRate: 8000 };
  return { encoding: 'pcm16', sampleRate: 24000 };
}

export function findVoiceLiveFormat(name: unknown, pcmRate: 8000 | 16000 | 24000 = 24000): WireFormat {
  switch (name) {
    case 'g711_ulaw':
      return { encoding: 'mulaw', sampleRate: 8000 };
    case 'g711_alaw':
      return { encoding: 'alaw', sampleRate: 8000 };
    case 'pcm16_8000hz':
      return { encoding: 'pcm16', sampleRate: 8000 };
    case 'pcm16_16000hz':
      return { encoding: 'pcm16', sampleRate: 16000 };
    default:
      return { encoding: 'pcm16', sampleRate: pcmRate };
  }
}
