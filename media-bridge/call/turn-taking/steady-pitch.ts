// Whether what repeats itself in a sound does so at one pitch from frame to frame, as a voice does, or at another each time, as noise.

/** Nearly half of a vowel repeats itself at its pitch, of a cough next to nothing. */
export const voicedFrom = 0.5;
const surelyVoicedFrom = 0.6;
/** People's tunes move less within 20 ms. */
const mostChange = 0.12;

export class SteadyPitch {
  isVoiced = false;
  isSteady = false;
  #lag = 0;

  follow(likeness: number, lag: number): void {
    const isSure = likeness >= surelyVoicedFrom;
    this.isVoiced = likeness >= voicedFrom;
    this.isSteady = isSure && this.#lag > 0 && Math.abs(lag - this.#lag) <= Math.max(1, mostChange * this.#lag);
    this.#lag = isSure ? lag : 0;
  }

  forget(): void {
    this.isVoiced = false;
    this.isSteady = false;
    this.#lag = 0;
  }
}
