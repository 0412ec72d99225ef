// Follows what the agent says on a tape of what the caller heard, sample by sample: how loud it is, where it stopped, where it went on.
import { resample } from '../../voice/resample.ts';
import { findSounds, type SampleSpan } from './agent-sounds.ts';
import type { SpokenText } from './agent-voice.ts';
import { mayBeUnseen } from './pause-edge.ts';

const sampleHz = 16_000;
const samplesOf = (ms: number) => Math.round((ms * sampleHz) / 1000);
/** What is compared to know a place: beyond the fade with which a voice comes back. */
const fadeSamples = samplesOf(25);
const windowSamples = samplesOf(80);
/** Of two sounds that are the same, over a line of 8 kHz too; two vowels of one voice come to 0.7. */
const sameLikeness = 0.8;
/** A voice is like itself a period before and behind: of two places that are alike the nearer one is meant. */
const farUnlikeness = 0.02;
/** Conversion moves a sound by some samples; of one that is faded in the first ones are not seen. */
const beginsWithin = [-48, 160] as const;
const fadedWithin = [-48, samplesOf(60)] as const;
const exactWithin = samplesOf(10);
/** At either edge of a pause a voice is faded, and its softest samples look like silence. */
const unseenSamples = { 8000: samplesOf(10), 16000: samplesOf(5) } as const;
/** What could be lost or said twice at a pause. */
const slipWithin = samplesOf(400);
/** Replies that were made, and cut before anybody heard them. */
const skippedReplies = 14;
const frameSamples = samplesOf(20);
/** A frame of the voice that is softer says nothing about its loudness. */
const leastPower = 120 ** 2;
/** A voice that rests for so long may have become as soft meanwhile as the bridge ever makes it. */
const softensWithin = samplesOf(60);
const softestDb = -12;

export interface HeardFrame {
  readonly atMs: number;
  /** Against the voice as it was made. */
  readonly gainDb: number;
}

/** A stretch of one reply without a pause in it. */
export interface HeardPart {
  readonly fromMs: number;
  readonly toMs: number;
  /** Which of those that were spoken; undefined: something else. */
  readonly reply: number | undefined;
  /** It went on where it had stopped: how many samples of it are missing (or were said twice, if negative); fewer than are seen are 0. */
  readonly lostSamples: number | undefined;
  /** It was said to its end. */
  readonly isEnd: boolean;
  readonly frames: readonly HeardFrame[];
}

interface Place {
  readonly reply: number;
  /** From a sample of the tape to that of the reply. */
  readonly shift: number;
}

export class ReplyTrack {
  readonly #heard: Int16Array;
  readonly #lineHz: 8000 | 16000;
  /** Announcements behind the replies. */
  readonly #replies: readonly Int16Array[];
  readonly #announcements: readonly number[];

  /** `lineHz`: what the line lets through. `announcements`: what the bridge says by itself, at any time. */
  constructor(
    heard: Int16Array,
    spoken: readonly SpokenText[],
    lineHz: 8000 | 16000,
    announcements: readonly SpokenText[] = [],
  ) {
    this.#heard = heard;
    this.#lineHz = lineHz;
    this.#replies = [...spoken, ...announcements].map(({ samples }) =>
      lineHz === sampleHz ? samples : resample(resample(samples, sampleHz, lineHz), lineHz, sampleHz),
    );
    this.#announcements = announcements.map((_, n) => spoken.length + n);
  }

  follow(): HeardPart[] {
    const parts: HeardPart[] = [];
    let last: (Place & { readonly to: number }) | undefined;
    /** The last one that was no announcement. */
    let reached = -1;
    for (const sound of findSounds(this.#heard, this.#lineHz)) {
      let from = sound.from;
      while (from < sound.to) {
        const pause: number = last === undefined ? 0 : from - last.to;
        const before = from === sound.from ? last : undefined;
        const rest = { from, to: sound.to };
        const place: Place | undefined =
          (before && this.#findSame(rest, before, pause, exactWithin)) ??
          this.#findBeginning(rest, reached, beginsWithin) ??
          this.#findBeginning(rest, reached, fadedWithin) ??
          (before && this.#findSame(rest, before, pause, slipWithin));
        const gone = place && before?.reply === place.reply ? place : undefined;
        const to = place ? Math.min(sound.to, this.#endOf(place)) : sound.to;
        const lost = gone && last ? this.#findLost(last, from + gone.shift, parts) : undefined;
        parts.push({
          ...toMs({ from, to }),
          reply: place && this.#isAnnouncement(place) ? undefined : place?.reply,
          lostSamples: lost,
          isEnd: place !== undefined && to >= this.#endOf(place) - frameSamples,
          frames: place ? this.#measureGain({ from, to }, place) : [],
        });
        if (place) last = { ...place, to };
        if (place && !this.#isAnnouncement(place)) reached = place.reply;
        // The end of a reply is a little uncertain: what is left of it is no other one.
        from = Math.max(to, from + 1);
        if (sound.to - from < fadeSamples) break;
      }
    }
    return parts;
  }

  /** `goesOnAt`: the sample of the reply that is seen first behind the pause. */
  #findLost({ reply, shift, to }: Place & { readonly to: number }, goesOnAt: number, parts: readonly HeardPart[]) {
    const lost = goesOnAt - (to + shift);
    if (Math.abs(lost) <= unseenSamples[this.#lineHz]) return 0;
    // The last frame is faded.
    const loud = parts.findLast(({ frames }) => frames.length > 0)?.frames.at(-2);
    const hasRested = loud === undefined || to - (loud.atMs * sampleHz) / 1000 > softensWithin + 2 * frameSamples;
    const gain = 10 ** (Math.min(hasRested ? softestDb : 0, loud?.gainDb ?? 0) / 20);
    const isUnseen = lost > 0 && mayBeUnseen(this.#replies[reply]!.subarray(to + shift, goesOnAt), gain, this.#lineHz);
    return isUnseen ? 0 : lost;
  }

  #isAnnouncement({ reply }: Place): boolean {
    return this.#announcements.includes(reply);
  }

  #endOf({ reply, shift }: Place): number {
    return this.#replies[reply]!.length - shift;
  }

  /** It goes on where it stopped, or near there. */
  #findSame(sound: SampleSpan, { reply, shift }: Place, pause: number, within: number): Place | undefined {
    const expected = shift - pause;
    return this.#findLike(sound, reply, expected - within, expected + within);
  }

  /** Of the replies after this one, or an announcement, which may come at any time. */
  #findBeginning(sound: SampleSpan, after: number, [least, most]: readonly [number, number]): Place | undefined {
    const next = Array.from({ length: skippedReplies }, (_, n) => after + 1 + n);
    for (const reply of [...next, ...this.#announcements]) {
      const isThere = reply < this.#replies.length;
      const found = isThere && this.#findLike(sound, reply, least - sound.from, most - sound.from);
      if (found) return found;
    }
    return undefined;
  }

  /** The shift in this range at which tape and reply are most alike, if they are the same at all. */
  #findLike({ from, to }: SampleSpan, reply: number, least: number, most: number): Place | undefined {
    const samples = this.#replies[reply]!;
    const at = from + Math.min(fadeSamples, Math.floor((to - from) / 3));
    const expected = Math.round((least + most) / 2);
    // More than is left of the reply could be found earlier in it only.
    const length = Math.min(windowSamples, to - at, samples.length - at - expected);
    let best = { shift: 0, likeness: 0, fits: 0 };
    for (let shift = least; shift <= most; shift++) {
      const likeness = compare(this.#heard, at, samples, at + shift, length);
      const fits = likeness - (farUnlikeness * Math.abs(shift - expected)) / (most - least);
      if (fits > best.fits) best = { shift, likeness, fits };
    }
    return best.likeness >= sameLikeness ? { reply, shift: best.shift } : undefined;
  }

  #measureGain({ from, to }: SampleSpan, { reply, shift }: Place): HeardFrame[] {
    const samples = this.#replies[reply]!;
    const frames: HeardFrame[] = [];
    for (let at = from; at + frameSamples <= to; at += frameSamples) {
      const [made, heard] = [power(samples, at + shift, frameSamples), power(this.#heard, at, frameSamples)];
      if (made >= leastPower)
        frames.push({ atMs: (at * 1000) / sampleHz, gainDb: 10 * Math.log10(Math.max(1, heard) / made) });
    }
    return frames;
  }
}

function toMs({ from, to }: SampleSpan) {
  return { fromMs: (from * 1000) / sampleHz, toMs: (to * 1000) / sampleHz };
}

/** From 0 to 1, however loud either is. */
function compare(a: Int16Array, atA: number, b: Int16Array, atB: number, length: number): number {
  if (atB < 0 || atB + length > b.length || length < frameSamples) return 0;
  let [product, ofA, ofB] = [0, 0, 0];
  for (let n = 0; n < length; n++) {
    const [x, y] = [a[atA + n]!, b[atB + n]!];
    product += x * y;
    ofA += x * x;
    ofB += y * y;
  }
  return product / Math.sqrt(ofA * ofB + 1);
}

function power(samples: Int16Array, from: number, length: number): number {
  let sum = 0;
  for (let n = from; n < from + length; n++) sum += (samples[n] ?? 0) ** 2;
  return sum / length;
}
