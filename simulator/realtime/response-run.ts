// One response in the making: thinks for a while, then speaks or calls, faster than real time but not all at once.
import type { BrainAnswer } from '../chat/brain.ts';
import { resample } from '../voice/resample.ts';
import { agentVoice, type Speak, speechSampleRate } from '../voice/speech.ts';
import { encodeWireAudio } from './audio-wire.ts';
import type { RealtimeFaults } from './realtime-faults.ts';
import { type ResponseFrame, type ResponseStatus, ResponseWriter } from './response-writer.ts';

export interface ResponseTiming {
  /** From response.created to the first words: 430 ms and more in recordings. */
  readonly firstAudioMs: number;
  /** How much faster than real time audio is made: 5 for gpt-realtime, 12 and more for smaller models. */
  readonly audioSpeed: number;
  /** From the end of a turn to its transcript. */
  readonly transcriptionMs: number;
}

export const recordedTiming: ResponseTiming = { firstAudioMs: 430, audioSpeed: 5, transcriptionMs: 300 };

/** Seen live: deltas of 250 ms; 400 ms where a synthesiser speaks for a text model. */
const deltaMs = 250;
const cascadeDeltaMs = 400;
/** The first deltas come in one burst. */
const burst = 3;
/** Words run ahead of the audio by this many. */
const wordsAhead = 3;

export interface ResponseRunOptions {
  readonly frame: ResponseFrame;
  readonly answer: BrainAnswer;
  readonly speak: Speak;
  readonly timing: ResponseTiming;
  readonly faults: RealtimeFaults;
  /** Comes once. */
  readonly ended: (run: ResponseRun, status: ResponseStatus) => void;
}

export class ResponseRun {
  readonly writer: ResponseWriter;
  readonly #options: ResponseRunOptions;
  #timer: NodeJS.Timeout | undefined;
  #status: ResponseStatus | undefined;

  constructor(options: ResponseRunOptions) {
    this.#options = options;
    this.writer = new ResponseWriter(options.frame);
  }

  get id(): string {
    return this.writer.id;
  }

  start(): void {
    const { faults } = this.#options;
    this.writer.created();
    if (faults.stuckResponses > 0) {
      faults.stuckResponses--;
      return;
    }
    if (faults.errorEvents) this.#tellError();
    this.#make().catch((error: unknown) => this.#fail(String(error)));
  }

  cancel(reason: 'turn_detected' | 'client_cancelled'): void {
    if (this.#status) return;
    const { frame, faults } = this.#options;
    const itemId = this.writer.itemId;
    this.#end('cancelled', { type: 'cancelled', reason });
    if (!itemId || frame.textOnly) return;
    const delta = encodeWireAudio(new Int16Array((frame.format.sampleRate * deltaMs) / 1000), frame.format);
    const place = { response_id: this.id, item_id: itemId, output_index: 0, content_index: 0 };
    for (let i = 0; i < faults.lateDeltas; i++) frame.send({ type: frame.dialect.audioDelta, ...place, delta });
  }

  /** The connection is gone: nothing more is said, nobody is told. */
  abandon(): void {
    clearTimeout(this.#timer);
    this.#status ??= 'failed';
  }

  async #make(): Promise<void> {
    const { answer, frame, speak, timing, faults } = this.#options;
    const readyAtMs = performance.now() + timing.firstAudioMs + faults.slowFirstAudioMs;
    const silent = answer.kind === 'call' || frame.textOnly;
    const spoken = silent ? new Int16Array(0) : await speak(answer.text, agentVoice);
    const samples = resample(spoken, speechSampleRate, frame.format.sampleRate);
    await this.#wait(readyAtMs - performance.now());
    if (this.#status) return;
    if (faults.failResponses > 0) {
      faults.failResponses--;
      this.#fail('The server had an error while processing your request.');
      return;
    }
    if (answer.kind === 'call') {
      this.writer.call(answer.name, answer.arguments).report = answer.report;
    } else {
      await this.#say(answer.text, samples);
    }
    if (!this.#status) this.#end('completed', null);
  }

  async #say(text: string, samples: Int16Array): Promise<void> {
    const { frame, timing, faults } = this.#options;
    const { trickle } = faults;
    const breaks = faults.breakResponses > 0;
    if (breaks) faults.breakResponses--;
    this.writer.openMessage();
    const words = text.match(/\s*\S+/g) ?? [];
    const ms = trickle?.pieceMs ?? (frame.cascade ? cascadeDeltaMs : deltaMs);
    const size = (frame.format.sampleRate * ms) / 1000;
    const pieces = Math.ceil(samples.length / size);
    const startMs = performance.now();
    let said = 0;
    const sayUpTo = (count: number) => {
      for (; said < Math.min(count, words.length); said++) this.writer.word(words[said]!);
    };
    for (let piece = 0; piece < pieces; piece++) {
      const dueMs = trickle ? piece * trickle.everyMs : Math.max(0, piece - burst + 1) * (ms / timing.audioSpeed);
      if (dueMs > 0) await this.#wait(startMs + dueMs - performance.now());
      if (this.#status) return;
      if (breaks && piece >= pieces / 2) {
        this.#tellError();
        this.#fail('The server had an error while processing your request.');
        return;
      }
      sayUpTo(Math.ceil((words.length * piece) / pieces) + wordsAhead);
      this.writer.audio(samples.subarray(piece * size, (piece + 1) * size));
    }
    sayUpTo(words.length);
  }

  #tellError(): void {
    const { errorText: message } = this.#options.faults;
    const error = { type: 'server_error', code: 'server_error', message, param: null };
    this.#options.frame.send({ type: 'error', error: { ...error, event_id: null } });
  }

  #wait(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (ms <= 0) resolve();
    else this.#timer = setTimeout(resolve, ms);
    return promise;
  }

  #fail(message: string): void {
    if (this.#status) return;
    this.#end('failed', { type: 'failed', error: { type: 'server_error', code: null, message } });
  }

  #end(status: ResponseStatus, details: object | null): void {
    clearTimeout(this.#timer);
    this.#status = status;
    this.writer.done(status, details);
    this.#options.ended(this, status);
  }
}
