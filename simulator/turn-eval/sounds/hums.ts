// What listeners hum: pulses of a voice behind closed lips, with the tune that says "go on". Made, not recorded. Pure.
import type { SeededRandom } from '../../virtual-time/seeded-random.ts';
import type { InHalves } from './half.ts';
import { drawNoise, envelope, Resonance, samplesOf, soundHz } from './tones.ts';

export interface Hum {
  readonly text: string;
  /** Syllables, each from one height to another, in semitones over the voice's own; the breath of `h` between them. */
  readonly tune: readonly (readonly [from: number, to: number])[];
  /** Uh-huh is said with the mouth open. */
  readonly open: boolean;
}

export const hums: InHalves<Hum> = {
  tune: [
    {
      text: 'Mm-hmm.',
      tune: [
        [0, -1],
        [3, 5],
      ],
      open: false,
    },
    { text: 'Mm.', tune: [[2, -2]], open: false },
  ],
  score: [
    {
      text: 'Mm-hm.',
      tune: [
        [1, 0],
        [2, 4],
      ],
      open: false,
    },
    {
      text: 'Uh-huh.',
      tune: [
        [0, -1],
        [4, 3],
      ],
      open: true,
    },
    { text: 'Hmm.', tune: [[-1, 1]], open: false },
  ],
};

const breathShare = 0.14;

export function createHum({ tune, open }: Hum, humHz: number, lengthMs: number, random: SeededRandom): Float64Array {
  const out = new Float64Array(samplesOf(lengthMs));
  const throat = open
    ? [new Resonance(620, 90), new Resonance(1_200, 110), new Resonance(2_500, 160)]
    : [new Resonance(250, 60), new Resonance(1_050, 180), new Resonance(2_200, 250)];
  const shares = open ? [1, 0.6, 0.25] : [1, 0.12, 0.05];
  const syllable = (1 - breathShare * (tune.length - 1)) / tune.length;
  let phase = 0;
  for (let n = 0; n < out.length; n++) {
    const at = n / out.length / (syllable + breathShare);
    const index = Math.min(tune.length - 1, Math.floor(at));
    const within = (at - index) * ((syllable + breathShare) / syllable);
    const voiced = within <= 1 ? envelope(within, 0.2, 0.3) : 0;
    const [from, to] = tune[index]!;
    const hz = humHz * 2 ** ((from + (to - from) * Math.min(1, within)) / 12) * (1 + 0.004 * drawNoise(random));
    phase += hz / soundHz;
    // A pulse a period, softened: what the throat gets from the glottis.
    const pulse = phase % 1 < 0.4 ? Math.sin((Math.PI * (phase % 1)) / 0.4) ** 2 - 0.3 : -0.12;
    const breath = 0.02 * drawNoise(random) * (within > 1 ? 2 : 1);
    const source = pulse * voiced + breath;
    out[n] = throat.reduce((sum, resonance, i) => sum + shares[i]! * resonance.next(source), 0);
  }
  return out;
}
