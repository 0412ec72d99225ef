// Tells speech from the quiet and from the steady noise of a line, by how loud each frame is.

/** About -42 dBFS. Speech on a telephone line is at -20 to -30, a quiet line's noise below -50. */
const minSoundRms = 250;
/** Speech is louder than the steady noise of a street or a fan by this factor (10 dB). */
const overNoise = 3;
/** Of 20 ms. Nobody speaks for a second without a gap between syllables: its quietest frame is the noise behind the voice. */
const noiseFrames = 50;

export class SpeechLevel {
  readonly #levels = new Float64Array(noiseFrames).fill(Number.POSITIVE_INFINITY);
  #frames = 0;

  /** `rms`: of the next 20 ms of 16-bit samples. */
  isLoud(rms: number): boolean {
    this.#levels[this.#frames++ % noiseFrames] = rms;
    return rms > Math.max(minSoundRms, overNoise * this.#quietest);
  }

  get #quietest(): number {
    let quietest = this.#levels[0]!;
    // Its iterator would make a number of each on the heap, fifty times a frame.
    for (let i = 1; i < noiseFrames; i++) if (this.#levels[i]! < quietest) quietest = this.#levels[i]!;
    return quietest;
  }

  /** Loud enough to be anything at all. */
  isAudible(rms: number): boolean {
    return rms > minSoundRms;
  }
}

export function rmsOf(samples: Int16Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i]! * samples[i]!;
  return Math.sqrt(sum / samples.length);
}
