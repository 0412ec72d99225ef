// What a leg's audio is made of: encoding and sample rate; always mono.

export interface AudioFormat {
  readonly encoding: 'pcm16' | 'mulaw';
  readonly sampleRate: 8000 | 16000 | 24000;
}

export const pcm16k: AudioFormat = Object.freeze({ encoding: 'pcm16', sampleRate: 16000 });
export const pcm24k: AudioFormat = Object.freeze({ encoding: 'pcm16', sampleRate: 24000 });
export const mulaw8k: AudioFormat = Object.freeze({ encoding: 'mulaw', sampleRate: 8000 });

/** Every carrier clocks its audio in frames of 20 ms. */
export const frameMs = 20;

export function bytesPerMs(format: AudioFormat): number {
  return (format.sampleRate / 1000) * (format.encoding === 'pcm16' ? 2 : 1);
}

export function frameBytes(format: AudioFormat): number {
  return bytesPerMs(format) * frameMs;
}

export function isSameFormat(a: AudioFormat, b: AudioFormat): boolean {
  return a.encoding === b.encoding && a.sampleRate === b.sampleRate;
}

/** A frame of silence. mu-law silence is 0xFF, PCM silence is 0. */
export function createSilence(format: AudioFormat, ms: number): Buffer {
  return Buffer.alloc(Math.round(bytesPerMs(format) * ms), format.encoding === 'mulaw' ? 0xff : 0);
}
