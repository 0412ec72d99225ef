// Coughs and the like, made of shaped noise: what a person does without saying anything. Made, not recorded. Pure.
import type { SeededRandom } from '../../virtual-time/seeded-random.ts';
import type { InHalves } from './half.ts';
import { drawNoise, Resonance, samplesOf, soundHz } from './tones.ts';

export interface Noise {
  readonly name: string;
  readonly bursts: number;
  /** Of a burst, with the pause after it. */
  readonly burstMs: readonly [least: number, most: number];
  readonly pauseMs: readonly [least: number, most: number];
  /** Share of a burst in which it rises, and how fast it falls then: the higher, the faster. */
  readonly attack: number;
  readonly decay: number;
  readonly throat: readonly (readonly [hz: number, bandwidthHz: number, share: number])[];
  /** Rattles so many times a second; 0 is breath alone. */
  readonly rattleHz: number;
}

export const noises: InHalves<Noise> = {
  tune: [
    {
      name: 'cough',
      bursts: 2,
      burstMs: [120, 190],
      pauseMs: [90, 180],
      attack: 0.08,
      decay: 4,
      throat: [
        [550, 350, 1],
        [1_600, 600, 0.8],
        [3_200, 900, 0.5],
      ],
      rattleHz: 0,
    },
    {
      name: 'sniff',
      bursts: 2,
      burstMs: [140, 220],
      pauseMs: [120, 220],
      attack: 0.6,
      decay: 1.5,
      throat: [
        [2_400, 900, 1],
        [3_600, 1_200, 0.9],
      ],
      rattleHz: 0,
    },
    {
      name: 'knock',
      bursts: 3,
      burstMs: [40, 70],
      pauseMs: [110, 160],
      attack: 0.02,
      decay: 7,
      throat: [
        [180, 90, 1],
        [900, 300, 0.4],
      ],
      rattleHz: 0,
    },
  ],
  score: [
    {
      name: 'deep cough',
      bursts: 3,
      burstMs: [100, 170],
      pauseMs: [70, 140],
      attack: 0.05,
      decay: 3.5,
      throat: [
        [420, 280, 1],
        [1_250, 450, 0.9],
        [2_700, 800, 0.4],
      ],
      rattleHz: 0,
    },
    {
      name: 'sneeze',
      bursts: 1,
      burstMs: [220, 330],
      pauseMs: [0, 1],
      attack: 0.12,
      decay: 3,
      throat: [
        [1_900, 700, 0.7],
        [3_000, 1_000, 1],
      ],
      rattleHz: 0,
    },
    {
      name: 'clearing of the throat',
      bursts: 2,
      burstMs: [190, 270],
      pauseMs: [60, 110],
      attack: 0.2,
      decay: 1.2,
      throat: [
        [380, 250, 1],
        [1_100, 500, 0.7],
        [2_300, 700, 0.3],
      ],
      rattleHz: 62,
    },
  ],
};

export function createNoise(noise: Noise, random: SeededRandom): Float64Array {
  const between = ([least, most]: readonly [number, number]) => samplesOf(least + random.fraction() * (most - least));
  const parts = Array.from({ length: noise.bursts }, () => [between(noise.burstMs), between(noise.pauseMs)] as const);
  const last = parts.at(-1)!;
  const out = new Float64Array(parts.reduce((sum, [burst, pause]) => sum + burst + pause, 0) - last[1]);
  const throat = noise.throat.map(([hz, width, share]) => ({ resonance: new Resonance(hz, width), share }));
  let from = 0;
  for (const [burst, pause] of parts) {
    for (let n = 0; n < burst; n++) {
      const at = n / burst;
      const loudness = at < noise.attack ? at / noise.attack : Math.exp(-noise.decay * (at - noise.attack));
      const rattle = noise.rattleHz > 0 ? 0.3 + 0.7 * Number(((n * noise.rattleHz) / soundHz) % 1 < 0.4) : 1;
      const source = drawNoise(random) * loudness * rattle * Math.min(1, (burst - n) / 80);
      out[from + n] = throat.reduce((sum, { resonance, share }) => sum + share * resonance.next(source), 0);
    }
    from += burst + pause;
  }
  return out;
}
