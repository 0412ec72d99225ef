// What a leg's audio is made of: encoding and sample rate; always mono.

/** Bare samples of one channel, without a header. */
export interface AudioFormat {
  /** `pcm16`: signed 16-bit samples, little-endian, two bytes each. `mulaw`: ITU-T G.711, one byte each. */
  readonly encoding: 'pcm16' | 'mulaw';
  /** Samples a second. */
  readonly sampleRate: 8000 | 16000 | 24000;
}

export const pcm16k: AudioFormat = Object.freeze({ encoding: 'pcm16', sampleRate: 16000 });
export const pcm24k: AudioFormat = Object.freeze({ encoding: 'pcm16', sampleRate: 24000 });
export const mulaw8k: AudioFormat = Object.freeze({ encoding: 'mulaw', sampleRate: 8000 });

/** Every carrier clocks its audio in frames of 20 ms. */
export const frameMs = 20;

/** 8 for mu-law at 8 kHz, 32 and 48 for PCM at 16 and 24 kHz: always whole. */
export function bytesPerMs(format: AudioFormat): number {
  return (format.sampleRate / 1000) * (format.encoding === 'pcm16' ? 2 : 1);
}

/** Of 20 ms. */
export function frameBytes(format: AudioFormat): number {
  return bytesPerMs(format) * frameMs;
}

export function isSameFormat(a: AudioFormat, b: AudioFormat): boolean {
  return a.encoding === b.encoding && a.sampleRate === b.sampleRate;
}

export function silentByte({ encoding }: AudioFormat): number {
  return encoding === 'mulaw' ? 0xff : 0;
}

/** `ms` need not be whole; the length is, to a byte. */
export function createSilence(format: AudioFormat, ms: number): Buffer {
  return Buffer.alloc(Math.round(bytesPerMs(format) * ms), silentByte(format));
}
