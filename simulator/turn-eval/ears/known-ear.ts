// An ear that knows what its caller really does, and hears it as late, as seldom and as wrong as live services are taken to.
import type { PhraseSampleRate, Recognition } from '../../voice/phrase-book.ts';
import type { ActivityDetector, DetectionSettings, OpenEar, ServiceEar } from '../../voice/service-ear.ts';
import type { VoiceActivityChange } from '../../voice/voice-activity.ts';
import type { CallerTruth, Uttered } from '../callers/caller-truth.ts';
import { endJitterMs } from './ear-habits.ts';
import { type Heard, hearUttered } from './hearing-of.ts';

const usualThreshold = 0.5;
/** Bytes that are all zero are a mute button. */
const audible = 1;
const stepMs = 20;

export function createEars(truth: CallerTruth): OpenEar {
  return () => new KnownEar(truth);
}

class KnownEar implements ServiceEar {
  readonly #truth: CallerTruth;
  readonly #heard = new Map<number, Heard>();
  #threshold = usualThreshold;
  /** When what is being said was noticed; words before it belong to a turn that is over. */
  #noticedAtMs: number | undefined;

  constructor(truth: CallerTruth) {
    this.#truth = truth;
  }

  createDetector(settings: DetectionSettings): ActivityDetector {
    this.#threshold = settings.threshold ?? usualThreshold;
    return new KnownDetector(settings, {
      find: (atMs) => this.#find(atMs),
      hear: (uttered) => this.#hear(uttered),
      noticed: (atMs) => {
        this.#noticedAtMs = atMs;
      },
    });
  }

  hear(samples: Int16Array, sampleRate: PhraseSampleRate): Recognition | undefined {
    const toMs = performance.now();
    const words = this.#wordsIn(toMs - (samples.length * 1000) / sampleRate, toMs);
    return words === '' ? undefined : { phrase: words, confidence: 0.9 };
  }

  get wordsSoFar(): string | undefined {
    const uttered = this.#find(performance.now(), 2_000);
    if (!uttered || this.#noticedAtMs === undefined) return undefined;
    const { isNoticed, wordDelayMs } = this.#hear(uttered);
    if (!isNoticed) return undefined;
    return this.#wordsIn(Math.max(uttered.fromMs, this.#noticedAtMs), performance.now() - wordDelayMs) || undefined;
  }

  /** Whose last word falls into it. */
  #wordsIn(fromMs: number, toMs: number): string {
    const found = this.#truth.uttered.flatMap((uttered) =>
      this.#hear(uttered).words.filter((word) => {
        const atMs = uttered.fromMs + word.toMs;
        return atMs > fromMs && atMs <= toMs;
      }),
    );
    return found.map(({ text }) => text).join(' ');
  }

  #find(atMs: number, graceMs = 0): Uttered | undefined {
    return this.#truth.uttered.findLast(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs + graceMs);
  }

  #hear(uttered: Uttered): Heard {
    let heard = this.#heard.get(uttered.seed);
    if (!heard) {
      heard = hearUttered(uttered, this.#truth.call, this.#threshold);
      this.#heard.set(uttered.seed, heard);
    }
    return heard;
  }
}

interface Sense {
  readonly find: (atMs: number) => Uttered | undefined;
  readonly hear: (uttered: Uttered) => Heard;
  readonly noticed: (atMs: number) => void;
}

class KnownDetector implements ActivityDetector {
  speaking = false;
  readonly #settings: DetectionSettings;
  readonly #sense: Sense;
  #receivedMs = 0;
  /** By the monotonic clock: the last voice that was noticed, and how long after it the turn is over. */
  #lastVoiceMs = 0;
  #endsAfterMs = 0;

  constructor(settings: DetectionSettings, sense: Sense) {
    this.#settings = settings;
    this.#sense = sense;
  }

  push(samples: Int16Array): VoiceActivityChange[] {
    const lengthMs = (samples.length * 1000) / this.#settings.sampleRate;
    const isMute = !samples.some((sample) => Math.abs(sample) > audible);
    const changes: VoiceActivityChange[] = [];
    // Some clients send much at once: a short word is in the midst of it.
    const steps = Math.max(1, Math.round(lengthMs / stepMs));
    for (let step = steps - 1; step >= 0; step--) {
      const nowMs = performance.now() - step * stepMs;
      this.#receivedMs += lengthMs / steps;
      changes.push(...this.#decide(isMute ? undefined : this.#sense.find(nowMs), nowMs));
    }
    return changes;
  }

  #decide(uttered: Uttered | undefined, nowMs: number): VoiceActivityChange[] {
    const voice = uttered && this.#findVoice(uttered, nowMs);
    if (voice) {
      this.#lastVoiceMs = nowMs;
      this.#endsAfterMs = voice.endsAfterMs;
      if (this.speaking || nowMs < voice.noticedAtMs) return [];
      this.speaking = true;
      this.#sense.noticed(voice.fromMs);
      return [{ type: 'started', atMs: Math.max(0, this.#receivedMs - (nowMs - voice.fromMs)) }];
    }
    if (!this.speaking || nowMs - this.#lastVoiceMs < this.#endsAfterMs) return [];
    this.speaking = false;
    return [{ type: 'stopped', atMs: this.#receivedMs }];
  }

  /** The stretch of voice at this moment, if this ear notices it at all. */
  #findVoice(uttered: Uttered, nowMs: number) {
    const { isNoticed, onsetsMs, wordsEndMs } = this.#sense.hear(uttered);
    const index = uttered.utterance.voiced.findIndex(
      ({ fromMs, toMs }) => nowMs >= uttered.fromMs + fromMs && nowMs <= uttered.fromMs + toMs,
    );
    if (!isNoticed || index < 0) return undefined;
    const fromMs = uttered.fromMs + uttered.utterance.voiced[index]!.fromMs;
    const { silenceMs = 500, longestPauseMs } = this.#settings;
    // Not drawn anew for each frame: an utterance has its own, between none and all of it.
    const jitterMs = (onsetsMs[index]! * 7) % endJitterMs;
    const endsAfterMs = longestPauseMs === undefined ? silenceMs : (wordsEndMs[index] ?? longestPauseMs);
    return { fromMs, noticedAtMs: fromMs + onsetsMs[index]!, endsAfterMs: endsAfterMs + jitterMs };
  }
}
