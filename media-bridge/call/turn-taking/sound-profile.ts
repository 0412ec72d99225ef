// One sound of the caller's side so far: how loud, how bright, how much of it has a pitch; and what that makes it.
import type { SteadyPitch } from './steady-pitch.ts';

/**
 * `muffled`: a voice without its treble, from another room or behind a hand. `hum`: one with the mouth closed, muffled or not. `noise`:
 * anything without a pitch; an "s" is one until there is a vowel behind it.
 */
export type SoundKind = 'speech' | 'hum' | 'muffled' | 'noise';

/** Words hold a pitch for a tenth of their time at least; what a cough repeats is another thing each time. */
const leastSteadyShare = 0.1;
const muffledAfterFrames = 12;
/** No voice is that bright, but for its hisses: most of it lies above 2 kHz. */
const noiseBrightness = 1;
/** Whoever has held a pitch for so long speaks, however long the "s" behind it is. */
const surelySteadyFrames = 5;
/** Nearly all of a hum is voiced, little of it is above 500 Hz, it is the same all the time, and short. */
const humVoicedShare = 0.75;
const humBrightness = 0.05;
const humUnsteadiness = 0.32;
const longestHumFrames = 45;
/** "Mm-hm" has one breath in it, and a short one; words that are as dark as a hum ("excuse me") rest more often, or for longer. */
const mostRestsInHum = 1;
const longestRestInHumFrames = 7;
/** One frame alone is a flutter of the line. */
const leastRestFrames = 2;
/** Beside the caller's own voice, where that is known; a hum in noise is brighter by the noise. */
const humShare = 0.7;
const noisyHumBrightness = 0.085;
const muffledShare = 0.5;
/** A voice near by is as bright as usual for moments at least, whatever the vowels are. */
const brightFrom = 1;
const leastBrightShare = 0.05;
/** Of the mean power: what is fainter may be the room. */
const leastShareOfPower = 0.05;

export class SoundProfile {
  #frames = 0;
  #power = 0;
  /** Of hisses no more than the brightest voice has: one "s" is brighter than all vowels around it. */
  #bright = 0;
  /** With all that they have. */
  #hissing = 0;
  #voiced = 0;
  #steady = 0;
  #brightFrames = 0;
  #brightSquare = 0;
  /** Between two parts of it: so many, and the longest; and since the last part. */
  #rests = 0;
  #longestRestFrames = 0;
  #restFrames = 0;

  get frames(): number {
    return this.#frames;
  }

  get meanDb(): number {
    return this.#frames === 0 ? 0 : 10 * Math.log10(this.#power / this.#frames + 1);
  }

  /** By energy: that of its loud moments. */
  get brightness(): number {
    return this.#power === 0 ? 0 : this.#bright / this.#power;
  }

  /** Of the brightness beside its mean: a hum is the same all the time, words are not. */
  get unsteadiness(): number {
    const mean = this.brightness;
    if (mean === 0) return 0;
    return Math.sqrt(Math.max(0, this.#brightSquare / this.#power - mean * mean)) / mean;
  }

  get voicedShare(): number {
    return this.#frames === 0 ? 0 : this.#voiced / this.#frames;
  }

  /** `ownBrightness`: of the caller's voice. */
  add(
    power: number,
    change: number,
    { isVoiced, isSteady }: Pick<SteadyPitch, 'isVoiced' | 'isSteady'>,
    ownBrightness = 0,
  ): void {
    this.#endRest();
    this.#frames += 1;
    this.#power += power;
    const isStrong = power > (leastShareOfPower * this.#power) / this.#frames;
    if (isStrong && change >= brightFrom * ownBrightness * power) this.#brightFrames += 1;
    const treble = Math.min(change, noiseBrightness * power);
    this.#hissing += change;
    this.#bright += treble;
    if (power > 0) this.#brightSquare += (treble * treble) / power;
    if (isVoiced) this.#voiced += 1;
    if (isSteady) this.#steady += 1;
  }

  /** A frame in which it is not heard. */
  rest(): void {
    this.#restFrames += 1;
  }

  clear(): void {
    this.#frames = 0;
    this.#power = 0;
    this.#bright = 0;
    this.#hissing = 0;
    this.#voiced = 0;
    this.#steady = 0;
    this.#brightFrames = 0;
    this.#brightSquare = 0;
    this.#rests = 0;
    this.#longestRestFrames = 0;
    this.#restFrames = 0;
  }

  /** `ownBrightness`: of the caller's voice. */
  judge(ownBrightness: number | undefined): SoundKind {
    const isHiss = this.#hissing > noiseBrightness * this.#power && this.#steady < surelySteadyFrames;
    if (this.#frames === 0 || isHiss || this.#steady < leastSteadyShare * this.#frames) return 'noise';
    const isMuffled = this.isMuffled(ownBrightness);
    if (this.#isHum(ownBrightness)) return this.#isBroken && !isMuffled ? 'speech' : 'hum';
    return isMuffled ? 'muffled' : 'speech';
  }

  /** Beside the caller's own voice; a hum may be. */
  isMuffled(ownBrightness: number | undefined): boolean {
    if (ownBrightness === undefined || this.#frames < muffledAfterFrames) return false;
    const isEverBright = this.#brightFrames >= leastBrightShare * this.#frames;
    return !isEverBright && this.brightness < muffledShare * ownBrightness;
  }

  /** It goes on; what was silent before it began, or is behind its end, is no part of it. */
  #endRest(): void {
    if (this.#frames > 0 && this.#restFrames >= leastRestFrames) {
      this.#rests += 1;
      this.#longestRestFrames = Math.max(this.#longestRestFrames, this.#restFrames);
    }
    this.#restFrames = 0;
  }

  /** By rests in it, as words are and a hum is not. */
  get #isBroken(): boolean {
    return this.#rests > mostRestsInHum || this.#longestRestFrames > longestRestInHumFrames;
  }

  #isHum(ownBrightness: number | undefined): boolean {
    const below = ownBrightness === undefined ? humBrightness : Math.min(noisyHumBrightness, humShare * ownBrightness);
    const isShut = this.voicedShare >= humVoicedShare && this.brightness < below;
    return isShut && this.unsteadiness < humUnsteadiness && this.#frames <= longestHumFrames;
  }
}
