// Who calls: voices of the speech engine at other pitches, tempos and lengths of the throat. The halves share no recorded speaker.
import type { VoiceName } from '../../voice/speech.ts';
import type { InHalves } from './half.ts';

export interface CallerVoice {
  readonly name: string;
  readonly engine: VoiceName;
  /** Of the mean, which is how the engine sets it; undefined leaves it where the speaker had it. */
  readonly pitchHz?: number;
  /** 1.1: a tenth slower. */
  readonly stretch: number;
  /** 1.1: a throat a tenth shorter, which moves the formants, and the pitch where the engine did not set it. */
  readonly formants: Formants;
  /** Of the voice's mm-hm. */
  readonly humHz: number;
}

/** Ratios that sixteen thousandths have: few kernels. */
export type Formants = 0.875 | 0.9375 | 1 | 1.0625 | 1.125;

export const callerVoices: InHalves<CallerVoice> = {
  tune: [
    { name: 'woman', engine: 'slt', stretch: 1, formants: 1, humHz: 195 },
    { name: 'low woman, slow', engine: 'slt', pitchHz: 145, stretch: 1.12, formants: 0.9375, humHz: 165 },
    { name: 'high woman, fast', engine: 'slt', pitchHz: 210, stretch: 0.9, formants: 1.0625, humHz: 230 },
    { name: 'man', engine: 'kal16', stretch: 1, formants: 1, humHz: 115 },
    { name: 'deep man', engine: 'kal16', pitchHz: 85, stretch: 1.05, formants: 0.9375, humHz: 95 },
    { name: 'young man, fast', engine: 'kal16', pitchHz: 150, stretch: 0.92, formants: 1.125, humHz: 150 },
  ],
  score: [
    { name: 'Scot', engine: 'awb', stretch: 1, formants: 1, humHz: 135 },
    { name: 'deep Scot, slow', engine: 'awb', pitchHz: 100, stretch: 1.1, formants: 0.875, humHz: 105 },
    { name: 'high Scot, fast', engine: 'awb', pitchHz: 180, stretch: 0.9, formants: 1.125, humHz: 205 },
    { name: 'tall man', engine: 'rms', stretch: 1.05, formants: 0.9375, humHz: 90 },
    { name: 'light man', engine: 'rms', stretch: 1, formants: 1.0625, humHz: 125 },
    { name: 'boy, fast', engine: 'rms', stretch: 0.95, formants: 1.125, humHz: 170 },
  ],
};
