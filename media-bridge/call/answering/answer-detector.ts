// Decides in the first seconds of an outbound call who picked up: a person, or an answering machine.
import { frameMs } from '../../audio/audio-format.ts';
import { rmsOf, SpeechLevel } from '../../audio/speech-level.ts';
import { BeepDetector } from './beep-detector.ts';
import { isVoicemailText } from './voicemail-phrases.ts';

export type AnswerVerdict = 'person' | 'machine' | 'unknown';

/** People say "Hello?" or a name within it. */
const maxGreetingMs = 1800;
/** Then they wait for an answer. Machines pause for less between two sentences. */
const greetingSilenceMs = 600;
/** After a longer greeting ("Good morning, Smith and Sons") the pause must be longer than any that a machine makes. */
const longGreetingSilenceMs = 1500;
/** Nobody who picks up talks for so long to a caller who has not said a word. */
const monologueMs = 3000;
/** Shorter sounds are clicks, and the receiver being taken up. */
const minSpeechMs = 100;
/** The caller who hears nothing will say hello; by then it is better that the agent does. */
const nobodySpeaksMs = 4000;
const givesUpMs = 7000;
/** By then the greeting of a machine has been said and written down. Later the words are those of a conversation. */
export const greetingTextMs = 30_000;

/** Counts time by the samples it hears, and so sees a stream late or early alike. */
export class AnswerDetector {
  readonly #frame: Int16Array;
  readonly #beep: BeepDetector;
  readonly #level = new SpeechLevel();
  #filled = 0;
  #frames = 0;
  /** Of the utterance: what is loud in it, and from its first to its last loud frame. */
  #loudMs = 0;
  #spanMs = 0;
  #gapMs = 0;
  /** Of the utterances before it, too long for a short greeting and too short for a machine. */
  #talkedMs = 0;
  #verdict: AnswerVerdict | undefined;
  #isSpeech = false;
  #silentMs = 0;

  constructor({ sampleRate }: { readonly sampleRate: number }) {
    this.#frame = new Int16Array((sampleRate * frameMs) / 1000);
    this.#beep = new BeepDetector(sampleRate);
  }

  get verdict(): AnswerVerdict | undefined {
    return this.#verdict;
  }

  /** A tone was heard and has ended: a message may be left now. */
  get beepEnded(): boolean {
    return this.#beep.ended;
  }

  get heardMs(): number {
    return this.#frames * frameMs;
  }

  /** The newest 20 ms are loud and no tone. */
  get isSpeech(): boolean {
    return this.#isSpeech;
  }

  /** Since the last sound of any kind. */
  get silentMs(): number {
    return this.#silentMs;
  }

  /** Any number of samples, silence included. Returns a verdict when there is a new one: once a call, rarely twice. */
  push(samples: Int16Array): AnswerVerdict | undefined {
    const before = this.#verdict;
    for (let at = 0; at < samples.length; ) {
      const count = Math.min(this.#frame.length - this.#filled, samples.length - at);
      this.#frame.set(samples.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      if (this.#filled < this.#frame.length) continue;
      this.#filled = 0;
      this.#hear();
    }
    return this.#verdict === before ? undefined : this.#verdict;
  }

  /** What was said, as far as it was written down. Overrules what the sound suggested. */
  hearText(text: string): AnswerVerdict | undefined {
    if (this.#verdict === 'machine' || this.heardMs > greetingTextMs || !isVoicemailText(text)) return undefined;
    return (this.#verdict = 'machine');
  }

  #hear(): void {
    const rms = rmsOf(this.#frame);
    this.#frames += 1;
    const isSound = this.#level.isLoud(rms);
    const isTone = this.#beep.push(this.#frame, this.#level.isAudible(rms) ? rms : 0);
    this.#isSpeech = isSound && !isTone;
    this.#silentMs = isSound ? 0 : this.#silentMs + frameMs;
    if (this.#verdict === 'person' || this.#verdict === 'machine') return;
    // People do not beep.
    if (this.#beep.ended) this.#verdict = 'machine';
    else if (this.#verdict === undefined) this.#judge(isTone);
  }

  #judge(isTone: boolean): void {
    if (this.#isSpeech) {
      this.#spanMs += this.#loudMs > 0 ? this.#gapMs + frameMs : frameMs;
      this.#loudMs += frameMs;
      this.#gapMs = 0;
    } else if (!isTone) {
      // A beep right after the greeting is not the pause of a person who waits for an answer.
      this.#gapMs += frameMs;
    }
    if (this.#talkedMs + this.#spanMs > monologueMs) this.#verdict = 'machine';
    else if (this.#loudMs > 0 && this.#gapMs >= greetingSilenceMs) this.#endUtterance();
    else if (this.#talkedMs > 0 && this.#gapMs >= longGreetingSilenceMs) this.#verdict = 'person';
    else if (this.heardMs >= givesUpMs) this.#verdict = 'unknown';
    else if (this.heardMs >= nobodySpeaksMs && this.#loudMs + this.#talkedMs === 0) this.#verdict = 'unknown';
  }

  #endUtterance(): void {
    if (this.#loudMs >= minSpeechMs) {
      if (this.#spanMs < maxGreetingMs) this.#verdict = 'person';
      this.#talkedMs += this.#spanMs;
    }
    this.#loudMs = 0;
    this.#spanMs = 0;
  }
}
