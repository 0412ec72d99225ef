// Holds the converter to streams of bytes cut anywhere, in every pair of formats.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAudioConverter } from './audio-converter.ts';
import { type AudioFormat, bytesPerMs, mulaw8k, pcm16k, pcm24k } from './audio-format.ts';
import { createTone } from './audio-measures.ts';
import { fitTone } from './tone-fit.ts';

const pcm8k: AudioFormat = { encoding: 'pcm16', sampleRate: 8000 };
const formats = [mulaw8k, pcm8k, pcm16k, pcm24k];
const nameOf = ({ encoding, sampleRate }: AudioFormat) => `${encoding} ${sampleRate}`;

/** A copy at an even address of its own, as samples. */
const samplesOf = (pcm: Buffer) => new Int16Array(Uint8Array.from(pcm).buffer);
const bytesOf = (samples: Int16Array) => Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);

function createToneIn(format: AudioFormat, ms: number): Buffer {
  const pcm = Buffer.from(bytesOf(createTone(440, format.sampleRate, ms, 12_000)));
  if (format.encoding === 'pcm16') return pcm;
  return Buffer.from(createAudioConverter({ ...format, encoding: 'pcm16' }, format).convert(pcm));
}

function asSamples(audio: Buffer, format: AudioFormat): Int16Array {
  if (format.encoding === 'pcm16') return samplesOf(audio);
  return samplesOf(createAudioConverter(format, { ...format, encoding: 'pcm16' }).convert(audio));
}

function convertInPieces(audio: Buffer, from: AudioFormat, to: AudioFormat, lengths: readonly number[]): Buffer {
  const converter = createAudioConverter(from, to);
  const pieces: Buffer[] = [];
  for (let at = 0, turn = 0; at < audio.length; turn++) {
    const length = lengths[turn % lengths.length]!;
    pieces.push(Buffer.from(converter.convert(audio.subarray(at, at + length))));
    at += length;
  }
  return Buffer.concat(pieces);
}

for (const from of formats) {
  for (const to of formats) {
    describe(`${nameOf(from)} to ${nameOf(to)}`, () => {
      const audio = createToneIn(from, 120);

      it('keeps a tone as loud, as high and as long as it was', () => {
        const converted = convertInPieces(audio, from, to, [bytesPerMs(from) * 20]);
        assert.equal(converted.length, bytesPerMs(to) * 120);
        const settled = asSamples(converted, to).subarray(to.sampleRate / 50);
        const fit = fitTone(settled, to.sampleRate, 440);
        assert.ok(Math.abs(fit.amplitude - 12_000) < 150, `amplitude ${fit.amplitude}`);
        // mu-law itself leaves about 38 dB.
        assert.ok(10 * Math.log10(fit.power / fit.restPower) > 33);
      });

      it('gives the same bytes when the stream is cut anywhere', () => {
        const whole = convertInPieces(audio, from, to, [audio.length]);
        assert.deepEqual(convertInPieces(audio, from, to, [1]), whole);
        assert.deepEqual(convertInPieces(audio, from, to, [641, 3, 0, 960, 17, 2, 333]), whole);
      });
    });
  }
}

it('keeps streams apart that are converted in turns, and what it gave until the same stream goes on', () => {
  const pairs = formats.flatMap((from) => formats.map((to) => [from, to] as const));
  const streams = pairs.map(([from, to], i) => {
    const audio = createToneIn(from, 100 + i);
    const alone = convertInPieces(audio, from, to, [audio.length]);
    return { audio, alone, converter: createAudioConverter(from, to), at: 0, pieces: [] as Buffer[] };
  });
  for (let turn = 0; streams.some(({ at, audio }) => at < audio.length); turn++) {
    const given = streams.map((stream) => {
      const length = [960, 7, 641, 2_000][turn % 4]!;
      const piece = stream.converter.convert(stream.audio.subarray(stream.at, stream.at + length));
      stream.at += length;
      return piece;
    });
    for (const [i, piece] of given.entries()) streams[i]!.pieces.push(Buffer.from(piece));
  }
  for (const { pieces, alone } of streams) assert.deepEqual(Buffer.concat(pieces), alone);
});

it('gives back the very buffer where nothing is to be done', () => {
  const converter = createAudioConverter(pcm24k, { encoding: 'pcm16', sampleRate: 24000 });
  const audio = Buffer.from([1, 2, 3]);
  assert.equal(converter.identity, true);
  assert.equal(converter.convert(audio), audio);
  assert.equal(createAudioConverter(pcm16k, pcm24k).identity, false);
});

it('changes the encoding alone without touching the timing of a sample', () => {
  const toMulaw = createAudioConverter(pcm8k, mulaw8k);
  assert.deepEqual(toMulaw.convert(bytesOf(Int16Array.of(0, 32124, -32124, 8))), Buffer.from([0xff, 0x80, 0x00, 0xfe]));
  const toPcm = createAudioConverter(mulaw8k, pcm8k);
  assert.deepEqual(samplesOf(toPcm.convert(Buffer.from([0xff, 0x80, 0x00, 0xfe]))), Int16Array.of(0, 32124, -32124, 8));
});

it('reads samples that lie at an odd address', () => {
  const shifted = Buffer.from([99, 0x34, 0x12, 0xcc, 0xed]).subarray(1);
  const converter = createAudioConverter(pcm8k, mulaw8k);
  const aligned = createAudioConverter(pcm8k, mulaw8k).convert(bytesOf(Int16Array.of(0x1234, -0x1234)));
  assert.deepEqual(converter.convert(shifted), aligned);
});

it('answers frames of equal length with one and the same buffer', () => {
  const converter = createAudioConverter(pcm16k, pcm24k);
  const first = converter.convert(Buffer.alloc(640));
  assert.equal(first.length, 960);
  assert.equal(converter.convert(Buffer.alloc(640)), first);
});

it('takes a chunk of any size after small ones', () => {
  const converter = createAudioConverter(pcm24k, mulaw8k);
  assert.equal(converter.convert(Buffer.alloc(960)).length, 160);
  assert.equal(converter.convert(Buffer.alloc(48_000 * 3)).length, 24_000);
  assert.equal(converter.convert(Buffer.alloc(0)).length, 0);
  assert.equal(converter.convert(Buffer.alloc(960)).length, 160);
});

it('begins anew after a reset, with no half sample and no sound left of what was cut', () => {
  const converter = createAudioConverter(pcm24k, pcm16k);
  converter.convert(createToneIn(pcm24k, 20).subarray(0, 901));
  converter.reset();
  const next = createToneIn(pcm24k, 20);
  assert.deepEqual(converter.convert(next), createAudioConverter(pcm24k, pcm16k).convert(next));
});
