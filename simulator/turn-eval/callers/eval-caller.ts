// A caller of the evaluation: plays through its events on a noisy line, and keeps both sides of the wire.
import { AgentEar } from '../../caller/agent-ear.ts';
import { type Phone, phoneFrameMs, phoneFrameSamples } from '../../caller/phone.ts';
import { SampleTape } from '../../caller/sample-tape.ts';
import type { SeededRandom } from '../../virtual-time/seeded-random.ts';
import { decideStep, type Step } from './caller-script.ts';
import type { CallerTruth } from './caller-truth.ts';
import type { EventKind, Utterance } from './utterance.ts';
import { actFor } from './utterance.ts';

/** One sound of the caller on the wire; times in ms since the line was through. */
export interface WireUtterance {
  readonly utterance: Utterance;
  readonly fromMs: number;
  readonly toMs: number;
  /** Asked a second time, since nobody answered. */
  readonly isNudge: boolean;
  /** Part of the plan, or what keeps the talk going. */
  readonly isEvent: boolean;
}

export interface EvalCallerOptions {
  readonly events: readonly { readonly kind: EventKind; readonly utterance: Utterance }[];
  /** Asked in turn. */
  readonly longQuestions: readonly Utterance[];
  /** Looped. */
  readonly background: Int16Array;
  readonly truth: CallerTruth;
  readonly random: SeededRandom;
}

/** Sounds begin on the grid of tau-voice. */
const gridMs = 200;
const overMs = [1_500, 3_500] as const;
const pauseMs = [1_000, 1_600] as const;
/** Of what a codec makes of silence. */
const silentPeak = 3;
/** Longer than a hesitation of the agent's, shorter than any answer takes. */
const answerPauseMs = 420;
/** So many times the same question, and nobody answers. */
const patientNudges = 4;
/** A call that does not get on is hung up. */
const longestCallMs = 900_000;

export class EvalCaller implements Phone {
  readonly said: WireUtterance[] = [];
  hangsUp = false;
  readonly done: Promise<void>;
  readonly #options: EvalCallerOptions;
  readonly #done = Promise.withResolvers<void>();
  readonly #ear = new AgentEar();
  readonly #heard = new SampleTape();
  readonly #spoken = new SampleTape();
  readonly #left: EvalCallerOptions['events'][number][];
  #clockMs = 0;
  #saying: { readonly samples: Int16Array; at: number } | undefined;
  #endedMs = 0;
  #asked = 0;
  /** In a row. */
  #nudges = 0;
  #isReplyOwed = true;
  #isReplyLong = false;
  #overMs: number;
  #pauseMs: number;
  #backgroundAt = 0;
  /** Since when nothing came over the line at all. */
  #nothingMs = answerPauseMs;

  constructor(options: EvalCallerOptions) {
    this.#options = options;
    this.#left = [...options.events];
    this.done = this.#done.promise;
    this.#overMs = this.#draw(overMs);
    this.#pauseMs = this.#draw(pauseMs);
  }

  get clockMs(): number {
    return this.#clockMs;
  }

  /** What is spoken at a beat was picked up in the 20 ms before it; what is heard at it comes in those after it. */
  get #nowMs(): number {
    return this.#clockMs - phoneFrameMs;
  }

  get heard(): Int16Array {
    return this.#heard.samples;
  }

  get spoken(): Int16Array {
    return this.#spoken.samples;
  }

  /** Events that never happened: the call did not get on. */
  get missed(): number {
    return this.#left.length;
  }

  speak(): Int16Array {
    if (!this.#saying && this.#nowMs % gridMs === 0) this.#act();
    const frame = new Int16Array(phoneFrameSamples);
    this.#addVoice(frame);
    this.#addBackground(frame);
    this.#spoken.record(frame);
    return frame;
  }

  hear(samples: Int16Array): void {
    this.#heard.record(samples);
    this.#clockMs += phoneFrameMs;
    this.#ear.hear(samples);
    if (samples.some((sample) => Math.abs(sample) > silentPeak)) this.#hearSound();
    else this.#nothingMs += phoneFrameMs;
    if (this.#clockMs > longestCallMs) this.hangsUp = true;
  }

  takeKeys(): string {
    return '';
  }

  lineClosed(): void {
    this.#done.resolve();
  }

  /** What is still said of the reply before is no answer: that begins after a pause. */
  #hearSound(): void {
    const isAnew = this.#nothingMs >= answerPauseMs;
    this.#nothingMs = 0;
    if (!isAnew || this.#saying) return;
    this.#isReplyOwed = false;
    if (this.#ear.startedMs !== undefined && this.#ear.startedMs < this.#clockMs - phoneFrameMs) this.#ear.forget();
  }

  #act(): void {
    const { isSpeaking, speakingForMs, silentForMs } = this.#ear;
    const callerSilentMs = this.#clockMs - this.#endedMs;
    this.#take(
      decideStep({
        agentSpeakingMs: isSpeaking ? speakingForMs : 0,
        agentSilentMs: silentForMs,
        callerSilentMs,
        isReplyOwed: this.#isReplyOwed,
        isReplyLong: this.#isReplyLong,
        left: this.#left.map(({ kind }) => kind),
        overMs: this.#overMs,
        pauseMs: this.#pauseMs,
      }),
    );
  }

  #take(step: Step): void {
    if (step.do === 'wait') return;
    this.#nudges = step.do === 'ask again' ? this.#nudges + 1 : 0;
    if (this.#nudges > patientNudges) {
      this.hangsUp = true;
      return;
    }
    if (step.do === 'hang up') this.hangsUp = true;
    else if (step.do === 'event') {
      const [{ kind, utterance }] = this.#left.splice(step.index, 1) as [EvalCallerOptions['events'][number]];
      this.#say(utterance, { isEvent: true, isNudge: false, isLong: actFor(kind) === 'interruption' });
    } else {
      const { longQuestions } = this.#options;
      const question = longQuestions[this.#asked++ % longQuestions.length]!;
      this.#say(question, { isEvent: false, isNudge: step.do === 'ask again', isLong: true });
    }
  }

  #say(utterance: Utterance, how: { readonly isEvent: boolean; readonly isNudge: boolean; readonly isLong: boolean }) {
    const { isEvent, isNudge, isLong } = how;
    this.#saying = { samples: utterance.samples, at: 0 };
    const fromMs = this.#nowMs;
    this.said.push({ utterance, fromMs, toMs: fromMs + utterance.voiced.at(-1)!.toMs, isNudge, isEvent });
    this.#options.truth.begin(utterance);
    const act = actFor(utterance.kind);
    if (act === 'turn' || act === 'interruption') {
      this.#isReplyOwed = true;
      this.#isReplyLong = isLong;
    }
    this.#overMs = this.#draw(overMs);
    this.#pauseMs = this.#draw(pauseMs);
  }

  #addVoice(frame: Int16Array): void {
    if (!this.#saying) return;
    const { samples, at } = this.#saying;
    frame.set(samples.subarray(at, at + phoneFrameSamples));
    this.#saying.at += phoneFrameSamples;
    if (this.#saying.at < samples.length) return;
    this.#saying = undefined;
    this.#endedMs = this.#clockMs + phoneFrameMs;
  }

  #addBackground(frame: Int16Array): void {
    const { background } = this.#options;
    for (let n = 0; n < frame.length; n++) {
      frame[n] = Math.max(-32_768, Math.min(32_767, frame[n]! + background[this.#backgroundAt]!));
      this.#backgroundAt = (this.#backgroundAt + 1) % background.length;
    }
  }

  #draw([least, most]: readonly [number, number]): number {
    return least + this.#options.random.fraction() * (most - least);
  }
}
