// The audio on the wires of carriers and services: its formats, and samples to bytes and back. Always mono; PCM is little-endian, as every machine that Node runs on.
import { decodeG711, encodeG711 } from './g711.ts';

export interface AudioFormat {
  readonly encoding: 'pcm16' | 'mulaw' | 'alaw';
  readonly sampleRate: 8000 | 16000 | 24000;
}

export const pcm16k = Object.freeze({ encoding: 'pcm16', sampleRate: 16000 } as const) satisfies AudioFormat;
export const pcm24k = Object.freeze({ encoding: 'pcm16', sampleRate: 24000 } as const) satisfies AudioFormat;
export const mulaw8k = Object.freeze({ encoding: 'mulaw', sampleRate: 8000 } as const) satisfies AudioFormat;

export function bytesPerMs({ encoding, sampleRate }: AudioFormat): number {
  return (sampleRate / 1000) * (encoding === 'pcm16' ? 2 : 1);
}

/** What no sound at all is in bytes. */
export function silentByte({ encoding }: AudioFormat): number {
  return { pcm16: 0, mulaw: 0xff, alaw: 0xd5 }[encoding];
}

/** The half of a sample at the end of PCM is left out. */
export function decodeAudio(bytes: Uint8Array, { encoding }: AudioFormat): Int16Array {
  if (encoding !== 'pcm16') return decodeG711(bytes, encoding);
  const samples = new Int16Array(bytes.length >> 1);
  new Uint8Array(samples.buffer).set(bytes.subarray(0, samples.byteLength));
  return samples;
}

export function encodeAudio(samples: Int16Array, { encoding }: AudioFormat): Buffer {
  if (encoding !== 'pcm16') return encodeG711(samples, encoding);
  return Buffer.from(Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength));
}
