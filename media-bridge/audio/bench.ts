// Measures our audio path beside what others use, in one run: cost a frame and quality.
import speex from 'speex-resampler';
import { createAudioConverter } from './audio-converter.ts';
import { type AudioFormat, frameBytes, mulaw8k, pcm16k, pcm24k } from './audio-format.ts';
import { createTone, measureResampler, type ResamplerQuality } from './audio-measures.ts';
import { createPlainResampler, createResampler } from './create-resampler.ts';
import { decodeMulaw, encodeMulaw } from './mulaw.ts';
import { VoiceFeatures } from './voice-features.ts';

type SampleRate = AudioFormat['sampleRate'];

/** Takes 20 ms and returns them, at the other rate. */
type ResampleFrame = (frame: Int16Array) => Int16Array;

interface Engine {
  readonly name: string;
  create(fromHz: SampleRate, toHz: SampleRate): ResampleFrame;
}

/** The median of these, taken in turn, so that what else the machine does weighs on all alike. */
const rounds = 21;
const framesARound = 300;

const createOurs = (name: string, create: typeof createResampler): Engine => ({
  name,
  create(fromHz, toHz) {
    const resampler = create(fromHz, toHz);
    const output = new Int16Array(resampler.maxOutputSamples(fromHz / 50));
    return (frame) => {
      resampler.process(frame, output);
      // A frame goes in, and a frame comes out.
      return output;
    };
  },
});

/** What most examples do: a straight line from sample to sample, and no filter. */
const linear: Engine = {
  name: 'linear interpolation',
  create(fromHz, toHz) {
    const step = fromHz / toHz;
    const output = new Int16Array(toHz / 50);
    let last = 0;
    return (frame) => {
      for (let i = 0; i < output.length; i++) {
        const at = i * step;
        const whole = Math.floor(at);
        const before = whole === 0 ? last : frame[whole - 1]!;
        output[i] = Math.round(before + (frame[whole]! - before) * (at - whole));
      }
      last = frame[frame.length - 1]!;
      return output;
    };
  },
};

const createSpeex = (quality: number): Engine => ({
  name: `speex-resampler q${quality}`,
  create(fromHz, toHz) {
    const resampler = new speex.default(1, fromHz, toHz, quality);
    return (frame) => {
      const output = resampler.processChunk(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength));
      return new Int16Array(output.buffer, output.byteOffset, output.length / 2);
    };
  },
});

await speex.default.initPromise;
const engines = [
  createOurs('ours', createResampler),
  createOurs('ours, without vectors', createPlainResampler),
  linear,
  createSpeex(5),
  createSpeex(7),
];

for (const [fromHz, toHz] of [
  [16000, 24000],
  [24000, 16000],
  [8000, 24000],
  [24000, 8000],
] as const) {
  const frame = createTone(1000, fromHz, 20);
  const costs = measureCosts(
    engines.map((engine) => {
      const resample = engine.create(fromHz, toHz);
      return () => resample(frame);
    }),
  );
  console.log(`\n${fromHz / 1000} to ${toHz / 1000} kHz`);
  console.table(
    Object.fromEntries(
      engines.map((engine, i) => {
        const quality = measureResampler((samples) => inFrames(engine, samples, fromHz, toHz), fromHz, toHz);
        return [engine.name, { ...costRow(costs[i]!, costs[0]!), ...qualityRow(quality) }];
      }),
    ),
  );
}

const speech = createTone(440, 8000, 20);
const mulawBytes = Buffer.alloc(speech.length);
const samples = new Int16Array(speech.length);
encodeMulaw(speech, mulawBytes);
const codecs: Record<string, () => unknown> = {
  'mu-law to samples, 8 kHz': () => decodeMulaw(mulawBytes, samples),
  'samples to mu-law, 8 kHz': () => encodeMulaw(speech, mulawBytes),
};
for (const [from, to] of [
  [pcm24k, pcm24k],
  [pcm16k, pcm24k],
  [pcm24k, pcm16k],
  [mulaw8k, pcm24k],
  [pcm24k, mulaw8k],
  [mulaw8k, pcm16k],
] as const) {
  const converter = createAudioConverter(from, to);
  const frame = Buffer.alloc(frameBytes(from), 0x55);
  codecs[`converter, ${nameOf(from)} to ${nameOf(to)}`] = () => converter.convert(frame);
}
for (const format of [mulaw8k, pcm16k, pcm24k]) {
  const features = new VoiceFeatures(format.sampleRate);
  const frame = createTone(150, format.sampleRate, 20);
  const rate = `${format.sampleRate / 1000} kHz`;
  codecs[`the caller heard, ${rate}`] = () => features.push(frame);
  codecs[`a pitch looked for, ${rate}`] = () => features.findVoicing();
}
const codecCosts = measureCosts(Object.values(codecs));
const oursAt16to24 = codecCosts[Object.keys(codecs).indexOf(`converter, ${nameOf(pcm16k)} to ${nameOf(pcm24k)}`)]!;
console.log(
  '\nmu-law, whole conversions and the ear of turn-taking (a pitch: of each frame that stands out of the room), beside the default call of ACS (16 to 24 kHz)',
);
console.table(Object.fromEntries(Object.keys(codecs).map((name, i) => [name, costRow(codecCosts[i]!, oursAt16to24)])));

function inFrames(engine: Engine, input: Int16Array, fromHz: SampleRate, toHz: SampleRate): Int16Array {
  const resample = engine.create(fromHz, toHz);
  const output = new Int16Array((input.length * toHz) / fromHz);
  let written = 0;
  for (let at = 0; at < input.length; at += fromHz / 50) {
    const piece = resample(input.subarray(at, at + fromHz / 50));
    output.set(piece, written);
    written += piece.length;
  }
  return output.subarray(0, written);
}

/** In microseconds a call. */
function measureCosts(runs: readonly (() => unknown)[]): number[] {
  const taken = runs.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, run] of runs.entries()) {
      const startedAt = performance.now();
      for (let frame = 0; frame < framesARound; frame++) run();
      taken[i]!.push(((performance.now() - startedAt) * 1000) / framesARound);
    }
  }
  return taken.map((times) => times.sort((a, b) => a - b)[rounds >> 1]!);
}

function costRow(cost: number, reference: number): Record<string, string> {
  return { 'µs a frame': cost.toFixed(2), 'times ours': (cost / reference).toFixed(2) };
}

function qualityRow(quality: ResamplerQuality): Record<string, string> {
  return {
    'ripple dB': quality.rippleDb.toFixed(3),
    'rejection dB': quality.rejectionDb.toFixed(1),
    'SINAD dB': quality.sinadDb.toFixed(1),
    'delay ms': quality.delayMs.toFixed(2),
  };
}

function nameOf({ encoding, sampleRate }: AudioFormat): string {
  return `${encoding} ${sampleRate / 1000}k`;
}
