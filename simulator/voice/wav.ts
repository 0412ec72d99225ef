// Reads and writes WAV files of 16-bit PCM; stereo is mixed down to mono.
import { AppError } from '../../shared/errors.ts';

export interface WavAudio {
  readonly samples: Int16Array;
  readonly sampleRate: number;
}

const headerBytes = 44;
const formatPcm = 1;
/** WAVE_FORMAT_EXTENSIBLE: the real format is the first two bytes of the sub-format GUID. */
const formatExtensible = 0xfffe;

function refuse(why: string): never {
  throw new AppError('BAD_REQUEST', `Not a WAV file that can be played: ${why}.`);
}

/** Takes PCM of 16 bits with one or two channels; throws BAD_REQUEST for all else, and says what it found. */
export function parseWav(bytes: Uint8Array): WavAudio {
  const wav = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (wav.length < 12 || wav.toString('latin1', 0, 4) !== 'RIFF' || wav.toString('latin1', 8, 12) !== 'WAVE') {
    refuse('it does not begin with RIFF and WAVE');
  }
  let format: { channels: number; sampleRate: number } | undefined;
  for (let at = 12; at + 8 <= wav.length; ) {
    const name = wav.toString('latin1', at, at + 4);
    const length = wav.readUInt32LE(at + 4);
    const start = at + 8;
    if (name === 'fmt ') format = parseFormat(wav.subarray(start, start + length));
    if (name === 'data') {
      if (!format) refuse('its data comes before its format');
      // A streamed file says 0 or 0xFFFFFFFF: the data then goes to the end of the file.
      const end = length === 0 ? wav.length : Math.min(start + length, wav.length);
      return { samples: mixDown(wav.subarray(start, end), format.channels), sampleRate: format.sampleRate };
    }
    at = start + length + (length % 2);
  }
  return refuse(format ? 'it has no data' : 'it has no format');
}

function parseFormat(chunk: Buffer): { channels: number; sampleRate: number } {
  if (chunk.length < 16) refuse('its format is cut off');
  const declared = chunk.readUInt16LE(0);
  const encoding = declared === formatExtensible && chunk.length >= 26 ? chunk.readUInt16LE(24) : declared;
  const channels = chunk.readUInt16LE(2);
  const bits = chunk.readUInt16LE(14);
  if (encoding !== formatPcm) refuse(`its encoding is ${encoding}, not PCM`);
  if (bits !== 16) refuse(`it has ${bits} bits a sample, not 16`);
  if (channels !== 1 && channels !== 2) refuse(`it has ${channels} channels, not one or two`);
  return { channels, sampleRate: chunk.readUInt32LE(4) };
}

function mixDown(data: Buffer, channels: number): Int16Array {
  const samples = new Int16Array(Math.floor(data.length / (2 * channels)));
  for (let i = 0; i < samples.length; i++) {
    const at = i * 2 * channels;
    samples[i] = channels === 1 ? data.readInt16LE(at) : (data.readInt16LE(at) + data.readInt16LE(at + 2)) >> 1;
  }
  return samples;
}

export function formatWav(samples: Int16Array, sampleRate: number): Buffer {
  const wav = Buffer.alloc(headerBytes + samples.length * 2);
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(formatPcm, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(sampleRate, 24);
  wav.writeUInt32LE(sampleRate * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(samples.length * 2, 40);
  for (let i = 0; i < samples.length; i++) wav.writeInt16LE(samples[i]!, headerBytes + i * 2);
  return wav;
}
