// Hears the beep of an answering machine: a steady tone of one pitch, and silence after it.
import { frameMs } from '../../audio/audio-format.ts';
import { fitTone } from '../../audio/tone-fit.ts';

/** Machines beep within it, mostly between 800 and 1400 Hz; above lie fax and modem tones, below people who hum, and the line. */
const lowestHz = 400;
const highestHz = 2500;
/** What is not the tone, as a part of all: 15 dB below. A sung vowel has harmonics well above that. */
const maxRest = 0.03;
/** From its first frame to its last. No voice holds its pitch so well. */
const maxGlide = 0.03;
/** Beeps last 150 ms and more. Six frames of the shortest are whole; the cut ones at both ends are no clear tone. */
const minToneMs = 120;
/** Long enough for a recording to be running after it. */
const silenceMs = 100;
/** The frame in which the tone ends is neither tone nor silence, and some beeps ring out. */
const maxRingingMs = 60;

export class BeepDetector {
  readonly #sampleRate: number;
  #hz = 0;
  #toneMs = 0;
  #ringingMs = 0;
  #quietMs = 0;
  #ended = false;

  constructor(sampleRate: number) {
    this.#sampleRate = sampleRate;
  }

  /** A beep was heard, and the silence after it. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Takes 20 ms. Returns whether they are a tone. `rms`: 0 where there is nothing to be heard. */
  push(frame: Int16Array, rms: number): boolean {
    const hz = rms > 0 ? findToneHz(frame, this.#sampleRate, rms) : undefined;
    if (hz !== undefined) this.#hearTone(hz);
    else if (this.#toneMs >= minToneMs) this.#hearAfterTone(rms === 0);
    else this.#toneMs = 0;
    return hz !== undefined;
  }

  #hearTone(hz: number): void {
    const goesOn = this.#ringingMs + this.#quietMs === 0 && Math.abs(hz - this.#hz) <= maxGlide * hz;
    if (!goesOn) {
      this.#hz = hz;
      this.#toneMs = 0;
    }
    this.#toneMs += frameMs;
    this.#ringingMs = 0;
    this.#quietMs = 0;
  }

  #hearAfterTone(isQuiet: boolean): void {
    if (isQuiet) this.#quietMs += frameMs;
    else this.#ringingMs += frameMs;
    if (this.#quietMs >= silenceMs) this.#ended = true;
    if (this.#ended || this.#ringingMs > maxRingingMs) this.#toneMs = this.#ringingMs = this.#quietMs = 0;
  }
}

/** The pitch, if the frame is one tone and nothing else. */
function findToneHz(frame: Int16Array, sampleRate: number, rms: number): number | undefined {
  const hz = pitchOf(frame, sampleRate, rms);
  if (hz === undefined || hz < lowestHz || hz > highestHz) return undefined;
  const { power, restPower } = fitTone(frame, sampleRate, hz);
  return restPower <= maxRest * power ? hz : undefined;
}

/** By the upward passages through zero, to a part of a sample. One that noise doubles counts once. */
function pitchOf(frame: Int16Array, sampleRate: number, rms: number): number | undefined {
  let isArmed = false;
  let [first, last, passages] = [0, 0, 0];
  for (let i = 1; i < frame.length; i++) {
    const [before, now] = [frame[i - 1]!, frame[i]!];
    if (now < -rms / 2) isArmed = true;
    if (!isArmed || now < 0) continue;
    isArmed = false;
    last = i - now / (now - before);
    if (passages++ === 0) first = last;
  }
  return passages > 1 ? ((passages - 1) * sampleRate) / (last - first) : undefined;
}
