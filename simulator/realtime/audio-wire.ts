// Audio inside of realtime events: base64 to samples and back, and the names that sessions have for the formats.
import { type AudioFormat, decodeAudio, encodeAudio, mulaw8k, pcm16k, pcm24k } from '../voice/audio-format.ts';

const alaw8k: AudioFormat = Object.freeze({ encoding: 'alaw', sampleRate: 8000 });
const pcm8k: AudioFormat = Object.freeze({ encoding: 'pcm16', sampleRate: 8000 });

/** Undefined if it is not base64, or breaks in the middle of a sample. */
export function decodeWireAudio(base64: string, format: AudioFormat): Int16Array | undefined {
  const bytes = Buffer.from(base64, 'base64');
  // Buffer skips what is not base64: what it skipped is missing in the length.
  if (bytes.length !== Math.floor((base64.replace(/=+$/, '').length * 3) / 4)) return undefined;
  if (format.encoding === 'pcm16' && bytes.length % 2 !== 0) return undefined;
  return decodeAudio(bytes, format);
}

export function encodeWireAudio(samples: Int16Array, format: AudioFormat): string {
  return encodeAudio(samples, format).toString('base64');
}

/** Undefined is the default. */
export function findGaFormat(format: { type?: string } | undefined): AudioFormat {
  if (format?.type === 'audio/pcmu') return mulaw8k;
  if (format?.type === 'audio/pcma') return alaw8k;
  return pcm24k;
}

export function findVoiceLiveFormat(name: unknown, pcmRate: 8000 | 16000 | 24000 = 24000): AudioFormat {
  switch (name) {
    case 'g711_ulaw':
      return mulaw8k;
    case 'g711_alaw':
      return alaw8k;
    case 'pcm16_8000hz':
      return pcm8k;
    case 'pcm16_16000hz':
      return pcm16k;
    default:
      return { encoding: 'pcm16', sampleRate: pcmRate };
  }
}
