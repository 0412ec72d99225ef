// Watches over one call that its caller never waits in silence: steps the state of dead air in time, and has done what it says.
import type { Floor } from '../../../shared/call/call.ts';
import type { AudioFormat } from '../../audio/audio-format.ts';
import { VoiceDetector } from '../../audio/voice-detector.ts';
import {
  type DeadAirAction,
  type DeadAirInput,
  type DeadAirLimits,
  type DeadAirState,
  findNextLook,
  quietLine,
  stepDeadAir,
} from './dead-air.ts';

/** What is left of the agent in the caller's receiver when the line has fallen silent. */
const echoMs = 200;
/** What comes back of the agent has come back by then, behind the silence that voices begin with and on the slowest of lines. */
const echoShowsWithinMs = 1_000;
/** Longer than the gaps between words, shorter than it takes a model to find the end of a turn and us to give up on that. */
const pauseMs = 800;
/** Shorter is a cough or a key. */
const leastSpeechMs = 400;
/** Into a reply people hum, and have televisions: what is to be answered there is longer. */
const leastSpeechIntoReplyMs = 800;
/** Whoever has waited for so long has waited too long. */
const longestSilenceMs = 10_000;

export interface DeadAirWatchOptions {
  readonly limits: DeadAirLimits;
  /** Of the carrier's line. */
  readonly format: AudioFormat;
  /** Nobody is there who could wait: a machine is being waited out or spoken to. */
  isHeld(): boolean;
  /** Fills the silence; returns for how long. */
  fill(): number;
  /** Of the same model. */
  askAgain(): void;
  nextModel(): void;
  /** The caller seems to begin to speak, whether or not the model takes notice. */
  onCallerHeard(): void;
}

export class DeadAirWatch {
  readonly #options: DeadAirWatchOptions;
  readonly #ear: VoiceDetector;
  #state: DeadAirState = quietLine;
  #timer: NodeJS.Timeout | undefined;
  #dueMs = Number.POSITIVE_INFINITY;
  /** The last time the model showed that it hears the caller. */
  #noticedMs = Number.NEGATIVE_INFINITY;
  /** When the sound of ours began that may have come back, or into whose beginning the caller spoke. */
  #echoedFromMs: number | undefined;
  #isOver = false;

  constructor(options: DeadAirWatchOptions) {
    this.#options = options;
    this.#ear = new VoiceDetector({ format: options.format, pauseMs });
  }

  /** Who has the word, or owes it. */
  get floor(): Floor {
    return this.#state.floor;
  }

  /** For how long the line has been without a sound of the caller; undefined before the first. */
  get callerQuietMs(): number | undefined {
    const { heardMs } = this.#ear;
    return Number.isFinite(heardMs) ? performance.now() - heardMs : undefined;
  }

  /** For how long nothing has been heard on the line, of either side; of what was never heard some seconds. */
  get silentMs(): number {
    const { soundsUntilMs, silentFromMs } = this.#state;
    const heardMs = Math.max(this.#ear.heardMs, soundsUntilMs > performance.now() ? soundsUntilMs : silentFromMs);
    return Math.max(0, Math.min(longestSilenceMs, performance.now() - heardMs));
  }

  /** For how long somebody has been speaking on the line, pauses included, of whom the model took no notice. */
  get unnoticedMs(): number {
    const { voiceSinceMs } = this.#ear;
    if (voiceSinceMs === undefined || voiceSinceMs < this.#noticedMs || this.#state.floor === 'caller') return 0;
    return performance.now() - voiceSinceMs;
  }

  /** Of the caller's audio up to now, how much has been too soft to be anything. */
  get quietMs(): number {
    return this.#ear.quietMs;
  }

  tell(input: DeadAirInput): void {
    if (this.#isOver) return;
    if (input.type === 'caller-started' || input.type === 'caller-stopped' || input.type === 'reply-started')
      this.notice();
    this.#step(input);
    this.#arm();
  }

  /** The model hears the caller, whatever comes of it: it is not deaf. */
  notice(): void {
    this.#noticedMs = performance.now();
  }

  /** The caller's audio, in the format of the line. */
  hear(audio: Buffer): void {
    if (this.#isOver) return;
    const nowMs = performance.now();
    const { soundsFromMs, soundsUntilMs } = this.#state;
    const isFree = nowMs > soundsUntilMs + echoMs;
    const isBeginning = !isFree && nowMs <= soundsFromMs + echoShowsWithinMs;
    // Who is heard into what did not come back is the caller.
    const isListening = isFree || (!isBeginning && this.#echoedFromMs !== soundsFromMs);
    for (const change of this.#ear.push(audio, isListening)) {
      if (change.type === 'began') this.#options.onCallerHeard();
      else this.#overhear(change.beganMs, change.loudMs);
    }
    if (isBeginning && this.#ear.heardMs >= nowMs) this.#echoedFromMs = soundsFromMs;
  }

  /** Idempotent. */
  close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  /** Somebody spoke: a model that took no notice is deaf. */
  #overhear(beganMs: number, loudMs: number): void {
    const isIntoReply = beganMs <= this.#state.soundsUntilMs + echoMs;
    if (
      loudMs < (isIntoReply ? leastSpeechIntoReplyMs : leastSpeechMs) ||
      beganMs < this.#noticedMs ||
      this.#state.floor !== 'nobody'
    )
      return;
    this.#step({ type: 'overheard' });
    this.#arm();
  }

  #look(): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
    if (this.#options.isHeld()) this.#step({ type: 'settled' });
    else {
      const action = this.#step({ type: 'time-passed' });
      if (action) this.#do(action);
    }
    this.#arm();
  }

  #do(action: DeadAirAction): void {
    switch (action) {
      case 'fill':
        this.#step({ type: 'filled', lengthMs: this.#options.fill() });
        return;
      case 'ask-again':
        this.#options.askAgain();
        return;
      case 'next-model':
        this.#options.nextModel();
        return;
      default:
        action satisfies never;
    }
  }

  #step(input: DeadAirInput): DeadAirAction | undefined {
    const { state, action } = stepDeadAir(this.#state, input, this.#moment, this.#options.limits);
    this.#state = state;
    return action;
  }

  /** A look that comes too early only looks again. */
  #arm(): void {
    const nextMs = this.#isOver ? undefined : findNextLook(this.#state, this.#moment, this.#options.limits);
    if (nextMs === undefined || nextMs >= this.#dueMs) return;
    clearTimeout(this.#timer);
    this.#dueMs = nextMs;
    this.#timer = setTimeout(() => this.#look(), Math.max(1, Math.ceil(nextMs - performance.now())));
  }

  get #moment() {
    return { nowMs: performance.now(), callerHeardMs: this.#ear.heardMs };
  }
}
