// What 20 ms of a line sound like, in the few numbers that tell a voice from a noise: how loud, how bright, and whether there is a pitch in it.

const bandHz = 8_000;
/** What wind, cars and handling make lies below it, and little of a voice that its overtones do not tell again. */
const rumbleHz = 150;
const rumbleKept = Math.exp((-2 * Math.PI * rumbleHz) / bandHz);
/** Every rate that a line has is a multiple of it; what lies above half of it is of no interest to a pitch. */
const pitchHz = 2_000;
const slowStep = bandHz / pitchHz;
/** Of the slow samples: of 40 ms, so that two periods of the deepest voice are in it, and as much again to look back. */
const windowSamples = 80;
const historySamples = 120;
/** Voices of people lie between 60 and 400 Hz. */
const shortestLag = 5;
const longestLag = 33;
/** Lest silence divides by nothing; far below the noise of any line. */
const leastEnergy = 1;
/** Of the best likeness. */
const firstShare = 0.85;

export class VoiceFeatures {
  readonly #bandStep: number;
  readonly #slow = new Float64Array(historySamples);
  readonly #energy = new Float64Array(historySamples + 2);
  readonly #likeness = new Float64Array(longestLag + 1);
  #last = 0;
  #lastOnce = 0;
  #lastTwice = 0;
  /** Mean square of the newest frame, without its rumble. */
  power = 0;
  /** That of the change over 125 us. Beside the power: 0.04 at 500 Hz, 0.15 at 1 kHz, 0.6 at 2 kHz. */
  change = 0;
  /** Of what `findVoicing` found: in steps of 0.5 ms. */
  lag = 0;

  constructor(sampleRate: number) {
    this.#bandStep = sampleRate / bandHz;
  }

  /** A frame of 20 ms. */
  push(samples: Int16Array): void {
    const slow = this.#slow;
    const bandStep = this.#bandStep;
    const count = samples.length / bandStep;
    const added = count / slowStep;
    slow.copyWithin(0, added);
    let [last, once, twice] = [this.#last, this.#lastOnce, this.#lastTwice];
    let energy = 0;
    let change = 0;
    let sum = 0;
    let at = historySamples - added;
    for (let i = 0, n = 0; n < count; n++) {
      let sample = samples[i++]!;
      for (let j = 1; j < bandStep; j++) sample += samples[i++]!;
      sample /= bandStep;
      // Two high-passes of one pole, one after the other.
      const next = sample - last + rumbleKept * once;
      const filtered = next - once + rumbleKept * twice;
      const step = filtered - twice;
      last = sample;
      once = next;
      twice = filtered;
      energy += filtered * filtered;
      change += step * step;
      sum += filtered;
      if ((n + 1) % slowStep === 0) {
        slow[at++] = sum;
        sum = 0;
      }
    }
    [this.#last, this.#lastOnce, this.#lastTwice] = [last, once, twice];
    this.power = energy / count;
    this.change = change / count;
  }

  /** How much of the last 40 ms repeats itself at the period of a voice, from 0 to 1. To be asked only of what may be one: it costs more than all the rest. */
  findVoicing(): number {
    const slow = this.#slow;
    const energy = this.#energy;
    // Of every second sample up to this one: the energy of any window is a difference of two.
    for (let i = 0; i < historySamples; i++) energy[i + 2] = energy[i]! + slow[i]! * slow[i]!;
    const from = historySamples - windowSamples;
    const own = energy[historySamples]! - energy[from]!;
    let best = 0;
    for (let lag = shortestLag; lag <= longestLag; lag++) {
      let cross = 0;
      for (let i = from; i < historySamples; i += 2) cross += slow[i]! * slow[i - lag]!;
      const past = energy[historySamples - lag]! - energy[from - lag]!;
      const likeness = cross <= 0 ? 0 : cross / Math.max(leastEnergy, Math.sqrt(own * past));
      this.#likeness[lag] = likeness;
      if (likeness > best) best = likeness;
    }
    // What repeats itself does so after two and three periods too: the first is the pitch.
    let lag = shortestLag;
    while (lag < longestLag && this.#likeness[lag]! < firstShare * best) lag++;
    while (lag < longestLag && this.#likeness[lag + 1]! > this.#likeness[lag]!) lag++;
    this.lag = lag;
    return Math.min(1, best);
  }
}
