// How loud the room behind the caller is at this moment: follows what swells without a pitch, and holds still while somebody speaks.
import { frameMs } from '../../audio/audio-format.ts';

/** The room is as loud as the quietest moment of this time: nobody speaks for so long without a breath. */
const quietestOfFrames = 75;
/** Cars and gusts swell so fast, in dB a second; an "s" is over before it is taken for one. */
const swellsBy = 24;
/** What has a pitch is a voice, or a siren. */
const creepsBy = 1;
const longestConsonantFrames = 4;
/** Of what it is too high by, a frame. */
const falls = 0.3;
/** The room's own ups and downs last about so long. */
const smoothing = 0.5;

export class RoomFloor {
  readonly #quietest = new Float64Array(quietestOfFrames).fill(Number.POSITIVE_INFINITY);
  #frames = 0;
  #smoothed = 0;
  #followedDb = 0;
  #unvoicedFrames = 0;

  get db(): number {
    return this.#followedDb;
  }

  /** A frame's power, and whether there is a pitch in it. */
  follow(power: number, isVoiced: boolean): void {
    this.#smoothed += (this.#frames === 0 ? 1 : smoothing) * (power - this.#smoothed);
    this.#quietest[this.#frames % quietestOfFrames] = this.#smoothed;
    const nowDb = toDb(this.#smoothed);
    const quietestDb = toDb(findLeast(this.#quietest));
    const aboveDb = nowDb - this.#followedDb;
    this.#unvoicedFrames = isVoiced ? 0 : this.#unvoicedFrames + 1;
    const mostDb = ((this.#unvoicedFrames <= longestConsonantFrames ? creepsBy : swellsBy) * frameMs) / 1_000;
    const stepDb = aboveDb < 0 ? falls * aboveDb : Math.min(aboveDb, mostDb);
    this.#followedDb = this.#frames === 0 ? nowDb : Math.max(quietestDb, this.#followedDb + stepDb);
    this.#frames += 1;
  }
}

function toDb(power: number): number {
  return 10 * Math.log10(power + 1);
}

function findLeast(values: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < values.length; i++) if (values[i]! < least) least = values[i]!;
  return least;
}
