// Hears when speech starts and stops by its energy over the noise of the line; time is counted in samples, never by a clock.

export interface VoiceActivitySettings {
  readonly sampleRate: number;
  /** 0..1 as in server VAD settings: the higher, the louder speech must be. 0.5 is 9 dB over the noise. */
  readonly threshold?: number;
  /** Silence that ends speech. */
  readonly silenceMs?: number;
  /** Sound that starts speech: a click is shorter. */
  readonly speechMs?: number;
  /** One decision a step. */
  readonly stepMs?: number;
}

export type VoiceActivityChange =
  /** `atMs`: the start of the first loud step. */
  | { readonly type: 'started'; readonly atMs: number }
  /** `atMs`: the end of the step that completed the silence. */
  | { readonly type: 'stopped'; readonly atMs: number };

/** Quieter than this is never speech: -50 dBFS, well over the idle noise of mu-law lines. */
const leastLevelDb = -50;
/** The noise floor falls at once and rises slowly, so that speech does not raise it much. */
const floorRiseDbPerSecond = 6;
const quietestFloorDb = -80;
/** The first sound may already be speech: it is taken for the line's noise up to this level. */
const loudestFirstFloorDb = -45;
/** Below it a step is padding of a missing frame, and says nothing about the noise of the line. */
const digitalSilenceDb = -95;

export class VoiceActivity {
  readonly #stepSamples: number;
  readonly #stepMs: number;
  readonly #marginDb: number;
  readonly #silenceMs: number;
  readonly #speechMs: number;
  #floorDb: number | undefined;
  #power = 0;
  #filled = 0;
  #steps = 0;
  #speaking = false;
  /** Milliseconds of steps in a row that speak against the present state. */
  #againstMs = 0;

  constructor({ sampleRate, threshold = 0.5, silenceMs = 500, speechMs = 64, stepMs = 32 }: VoiceActivitySettings) {
    this.#stepMs = stepMs;
    this.#stepSamples = Math.round((sampleRate * stepMs) / 1000);
    this.#marginDb = 4 + threshold * 10;
    this.#silenceMs = silenceMs;
    this.#speechMs = speechMs;
  }

  get speaking(): boolean {
    return this.#speaking;
  }

  /** All changes within these samples, in order; usually none. */
  push(samples: Int16Array): VoiceActivityChange[] {
    const changes: VoiceActivityChange[] = [];
    for (const sample of samples) {
      this.#power += sample * sample;
      if (++this.#filled < this.#stepSamples) continue;
      const levelDb = 10 * Math.log10(this.#power / this.#stepSamples / 32768 ** 2 + 1e-10);
      this.#power = 0;
      this.#filled = 0;
      this.#steps++;
      const change = this.#decide(levelDb);
      if (change) changes.push(change);
    }
    return changes;
  }

  #decide(levelDb: number): VoiceActivityChange | undefined {
    const loud = levelDb > Math.max(leastLevelDb, this.#trackFloor(levelDb) + this.#marginDb);
    this.#againstMs = loud === this.#speaking ? 0 : this.#againstMs + this.#stepMs;
    const nowMs = this.#steps * this.#stepMs;
    if (!this.#speaking && this.#againstMs >= this.#speechMs) return this.#turn(true, nowMs - this.#againstMs);
    if (this.#speaking && this.#againstMs >= this.#silenceMs) return this.#turn(false, nowMs);
    return undefined;
  }

  #trackFloor(levelDb: number): number {
    if (levelDb < digitalSilenceDb) return this.#floorDb ?? quietestFloorDb;
    const ceiling =
      this.#floorDb === undefined ? loudestFirstFloorDb : this.#floorDb + (floorRiseDbPerSecond * this.#stepMs) / 1000;
    return (this.#floorDb = Math.max(quietestFloorDb, Math.min(levelDb, ceiling)));
  }

  #turn(speaking: boolean, atMs: number): VoiceActivityChange {
    this.#speaking = speaking;
    this.#againstMs = 0;
    return { type: speaking ? 'started' : 'stopped', atMs };
  }
}
