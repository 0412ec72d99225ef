// Measures a resampler as a listener would hear it: ripple, aliases and images, noise and distortion, delay.
import { fitTone } from './tone-fit.ts';

/** A whole signal through a fresh resampler. */
export type ResampleAll = (samples: Int16Array) => Int16Array;

export interface ResamplerQuality {
  /** The largest departure from even loudness below the edge of the passband. */
  readonly rippleDb: number;
  /** How far below the original the loudest alias or image of, or within, the passband is. */
  readonly rejectionDb: number;
  /** A tone of 1 kHz to all that is not the tone. */
  readonly sinadDb: number;
  readonly delayMs: number;
}

/** 0.89 of full scale is -1 dBFS: loud, with room for a filter's overshoot. */
const amplitude = 0.89 * 32767;
/** Enough for the noise in one frequency to vanish behind 110 dB. */
const signalMs = 400;
/** The resampler starts from silence, and speex holds back more than others: the beginning is not judged. */
const settleMs = 60;
/** Low enough that a delay of 10 ms is less than one period. */
const delayToneHz = 95;

export function createTone(hz: number, sampleRate: number, ms: number, peak = amplitude): Int16Array {
  const turn = (2 * Math.PI * hz) / sampleRate;
  return Int16Array.from({ length: (sampleRate * ms) / 1000 }, (_, i) => Math.round(peak * Math.sin(turn * i)));
}

/** What lies below it must pass, at the lower of the two rates. */
export function passbandEdgeHz(fromHz: number, toHz: number): number {
  return Math.min(fromHz, toHz) === 8000 ? 3400 : 7000;
}

export function measureResampler(resample: ResampleAll, fromHz: number, toHz: number): ResamplerQuality {
  const edgeHz = passbandEdgeHz(fromHz, toHz);
  /** Amplitudes at these frequencies of what comes out for a tone that goes in. */
  const heard = (toneHz: number, atHz: readonly number[]): number[] => {
    const settled = resample(createTone(toneHz, fromHz, signalMs)).subarray((settleMs * toHz) / 1000);
    // The tone itself would outshine what is 100 dB below it at any other frequency.
    const rest = toneHz > toHz / 2 ? settled : withoutTone(settled, toHz, toneHz);
    return atHz.map((hz) => fitTone(hz === toneHz ? settled : rest, toHz, hz).amplitude / amplitude);
  };
  const gains = tonesUpTo(edgeHz).map((hz) => heard(hz, [hz])[0]!);
  // Going up, each tone of the passband has images; going down, each tone above the gap has an alias in the passband.
  const ghosts =
    toHz > fromHz
      ? tonesUpTo(edgeHz).flatMap((hz) => heard(hz, imagesOf(hz, fromHz, toHz)))
      : tonesUpTo(fromHz / 2 - 50, toHz - edgeHz)
          .filter((hz) => folded(hz, toHz) <= edgeHz)
          .flatMap((hz) => heard(hz, [folded(hz, toHz)]));
  return {
    rippleDb: Math.max(...gains.map((gain) => Math.abs(decibels(gain)))),
    rejectionDb: -decibels(Math.max(...ghosts)),
    sinadDb: measureSinad(resample, toHz, fromHz),
    delayMs: measureDelay(resample, fromHz, toHz),
  };
}

function withoutTone(samples: Int16Array, sampleRate: number, hz: number): Float64Array {
  const { amplitude: peak, phase } = fitTone(samples, sampleRate, hz);
  const turn = (2 * Math.PI * hz) / sampleRate;
  return Float64Array.from(samples, (sample, i) => sample - peak * Math.sin(turn * i + phase));
}

function measureSinad(resample: ResampleAll, toHz: number, fromHz: number): number {
  const settled = resample(createTone(1003, fromHz, signalMs)).subarray((settleMs * toHz) / 1000);
  const { power, restPower } = fitTone(settled, toHz, 1003);
  return 10 * Math.log10((power - restPower) / restPower);
}

function measureDelay(resample: ResampleAll, fromHz: number, toHz: number): number {
  const settled = resample(createTone(delayToneHz, fromHz, signalMs)).subarray((settleMs * toHz) / 1000);
  const expected = (2 * Math.PI * delayToneHz * settleMs) / 1000;
  const turns = (expected - fitTone(settled, toHz, delayToneHz).phase) / (2 * Math.PI);
  // A resampler that drops its own delay may seem to be a trifle early.
  const late = turns - Math.floor(turns + 0.05);
  return (late * 1000) / delayToneHz;
}

/** Odd steps, so that no tone is a fraction of a rate and none meets its own image. */
function tonesUpTo(lastHz: number, firstHz = 147): number[] {
  const tones = Array.from({ length: Math.ceil((lastHz - firstHz) / 311) }, (_, i) => firstHz + 311 * i);
  return [...tones, lastHz];
}

/** Copies of the tone round the multiples of the input rate, where they lie at the output rate. */
function imagesOf(toneHz: number, fromHz: number, toHz: number): number[] {
  const images = [fromHz - toneHz, fromHz + toneHz, 2 * fromHz - toneHz, 2 * fromHz + toneHz, 3 * fromHz - toneHz];
  const audible = new Set(images.map((hz) => folded(hz, toHz)));
  return [...audible].filter((hz) => Math.abs(hz - toneHz) > 20);
}

function folded(hz: number, sampleRate: number): number {
  const within = hz % sampleRate;
  return Math.min(within, sampleRate - within);
}

function decibels(gain: number): number {
  return 20 * Math.log10(gain);
}
