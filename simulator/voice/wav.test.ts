// Tests of reading and writing WAV files.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatWav, parseWav } from './wav.ts';

function createWav(format: Buffer, data: Buffer, before = Buffer.alloc(0)): Buffer {
  const chunk = (name: string, body: Buffer) => {
    const head = Buffer.alloc(8);
    head.write(name, 'latin1');
    head.writeUInt32LE(body.length, 4);
    return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
  };
  const body = Buffer.concat([Buffer.from('WAVE'), before, chunk('fmt ', format), chunk('data', data)]);
  return Buffer.concat([chunk('RIFF', body).subarray(0, 8), body]);
}
const pcmFormat = (encoding: number, channels: number, bits: number) => {
  const format = Buffer.alloc(16);
  format.writeUInt16LE(encoding, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(22050, 4);
  format.writeUInt16LE(bits, 14);
  return format;
};

describe('WAV files', () => {
  it('give back the samples and the rate they were written with', () => {
    const samples = Int16Array.of(0, 1, -1, 32767, -32768);
    assert.deepEqual(parseWav(formatWav(samples, 24000)), { samples, sampleRate: 24000 });
  });

  it('are mixed down from stereo, and chunks of other kinds and odd length are passed over', () => {
    const data = Buffer.from(Int16Array.of(100, 300, -8, -6).buffer);
    const list = Buffer.from([...Buffer.from('LIST'), 3, 0, 0, 0, 1, 2, 3, 0]);
    const wav = parseWav(createWav(pcmFormat(1, 2, 16), data, list));
    assert.deepEqual(wav, { samples: Int16Array.of(200, -7), sampleRate: 22050 });
  });

  it('are read from a buffer that does not start at the beginning of its memory', () => {
    const wav = formatWav(Int16Array.of(5, 6), 8000);
    const shifted = Buffer.concat([Buffer.alloc(3), wav]).subarray(3);
    assert.deepEqual(parseWav(shifted).samples, Int16Array.of(5, 6));
  });

  it('are read to the end of the file when a streaming writer left the length open', () => {
    const wav = formatWav(Int16Array.of(1, 2, 3), 8000);
    wav.writeUInt32LE(0xffffffff, 40);
    assert.equal(parseWav(wav).samples.length, 3);
    wav.writeUInt32LE(0, 40);
    assert.equal(parseWav(wav).samples.length, 3);
  });

  it('that cannot be played are refused with the reason', () => {
    assert.throws(() => parseWav(Buffer.from('ID3 an MP3')), /does not begin with RIFF/);
    assert.throws(() => parseWav(createWav(pcmFormat(7, 1, 8), Buffer.alloc(4))), /encoding is 7, not PCM/);
    assert.throws(() => parseWav(createWav(pcmFormat(1, 1, 24), Buffer.alloc(6))), /24 bits a sample/);
    assert.throws(() => parseWav(createWav(pcmFormat(1, 6, 16), Buffer.alloc(12))), /6 channels/);
    assert.throws(() => parseWav(formatWav(new Int16Array(4), 8000).subarray(0, 30)), /has no|cut off/);
  });
});
