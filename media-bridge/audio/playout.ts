// Plays a leg's audio in real time for a carrier that acknowledges nothing, and so knows what the caller has heard.
import { type AudioFormat, bytesPerMs, frameBytes, frameMs, silentByte } from './audio-format.ts';
import { aheadOf, type Manner } from './manner.ts';
import { MediaCounts } from './media-counts.ts';
import { VoiceQueue } from './voice-queue.ts';

/** What may be on its way to the caller: it rides out a late timer, and a barge-in has to call it back. */
const defaultAheadMs = 200;
/** Ten minutes: no reply is longer, though a model makes it five to sixteen times as fast as it is spoken. */
const maxQueuedMs = 10 * 60_000;
/** A tail shorter than a frame waits for more, 20 ms at least, until a frame and a late timer are left to hear. */
const padBeforeEndMs = 2 * frameMs;

/** Of all calls, by their length: a frame lies there while it is sent. */
const frames = new Map<number, Buffer>();

export interface PlayoutOptions {
  readonly format: AudioFormat;
  /** At least a frame. */
  readonly aheadMs?: number;
  /** 20 ms of audio. The buffer holds until this returns. */
  readonly send: (frame: Buffer) => void;
  /** Everything queued was heard. Once for a stretch of audio, and not after `clear`. */
  readonly onPlayedOut: () => void;
  readonly counts?: MediaCounts;
}

/**
 * The caller's ear walks along the frames sent, one every 20 ms from the first on. When it has come to the end, the
 * next frame starts a walk of its own, whether the agent was silent or our timer slept until the caller heard a gap.
 */
export class Playout {
  readonly #options: PlayoutOptions;
  readonly #steadyMs: number;
  readonly #bytesPerMs: number;
  readonly #queue: VoiceQueue;
  readonly #counts: MediaCounts;
  readonly #frame: Buffer;
  /** Bytes of audio in each frame sent and not heard to its end; what fills up a last one is not counted. */
  #inFlight: number[] = [];
  /** When the first of them began, or will begin, to be heard. */
  #heardFromMs = 0;
  #heardBytes = 0;
  #sentBytes = 0;
  #queuedAtMs = 0;
  #isPlaying = false;
  #aheadMs: number;
  #closed = false;
  #wake: NodeJS.Timeout | undefined;
  #wakeDueMs = Number.POSITIVE_INFINITY;

  constructor(options: PlayoutOptions) {
    this.#options = options;
    this.#counts = options.counts ?? new MediaCounts();
    this.#steadyMs = Math.max(frameMs, options.aheadMs ?? defaultAheadMs);
    this.#aheadMs = this.#steadyMs;
    this.#bytesPerMs = bytesPerMs(options.format);
    this.#queue = new VoiceQueue(options.format, maxQueuedMs);
    this.#frame = lendFrame(frameBytes(options.format));
  }

  /** The end of the timeline: all that was queued. */
  get sentMs(): number {
    return this.#sentBytes / this.#bytesPerMs;
  }

  get playedMs(): number {
    return this.#playedBytes() / this.#bytesPerMs;
  }

  /** What found no room in the queue. */
  get droppedBytes(): number {
    return this.#queue.droppedBytes;
  }

  /** Of what has not been sent. */
  set manner(manner: Manner) {
    this.#aheadMs = aheadOf(manner, this.#steadyMs);
    this.#queue.manner = manner;
    if (this.#isPlaying && !this.#closed) this.#advance();
  }

  /** Any length; copied. */
  enqueue(audio: Buffer): void {
    if (this.#closed) return;
    const added = this.#queue.push(audio);
    if (added === 0) return;
    this.#sentBytes += added;
    this.#queuedAtMs = performance.now();
    this.#isPlaying = true;
    this.#advance();
  }

  /** Drops what was not heard, and ends the timeline there. */
  clear(): void {
    this.#heardBytes = Math.floor(this.#playedBytes());
    this.#sentBytes = this.#heardBytes;
    this.#inFlight = [];
    this.#queue.clear();
    this.#isPlaying = false;
    this.#sleepOn();
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.clear();
  }

  #advance(): void {
    const now = performance.now();
    this.#hear(now);
    while (this.#queue.readyBytes > 0 && this.#nextDueMs(now) <= now) this.#sendFrame(now);
    if (this.#queue.readyBytes > 0) this.#wakeAt(this.#nextDueMs(now), now);
    else if (this.#inFlight.length > 0) this.#wakeAt(this.#endMs(now), now);
    else if (this.#isPlaying && this.#queue.bytes === 0) {
      this.#isPlaying = false;
      this.#options.onPlayedOut();
    }
  }

  /** Moves the ear past the frames that were heard by now. */
  #hear(now: number): void {
    while (this.#inFlight.length > 0 && this.#heardFromMs + frameMs <= now) {
      this.#heardBytes += this.#inFlight.shift()!;
      this.#heardFromMs += frameMs;
    }
  }

  #playedBytes(): number {
    const now = performance.now();
    this.#hear(now);
    return this.#heardBytes + Math.min(this.#inFlight[0] ?? 0, (now - this.#heardFromMs) * this.#bytesPerMs);
  }

  /** When all that was sent will have been heard. */
  #endMs(now: number): number {
    return this.#inFlight.length === 0 ? now : this.#heardFromMs + this.#inFlight.length * frameMs;
  }

  /** When the next frame may go, which for a tail is when it need not wait any longer for more. */
  #nextDueMs(now: number): number {
    const endMs = this.#endMs(now);
    const dueMs = endMs + frameMs - this.#aheadMs;
    if (this.#queue.readyBytes >= this.#frame.length || this.#queue.isPaused) return dueMs;
    return Math.max(dueMs, endMs - padBeforeEndMs, this.#queuedAtMs + frameMs);
  }

  #sendFrame(now: number): void {
    if (this.#inFlight.length === 0) this.#heardFromMs = now;
    const filled = this.#queue.take(this.#frame);
    if (filled < this.#frame.length) this.#frame.fill(silentByte(this.#options.format), filled);
    this.#inFlight.push(filled);
    this.#options.send(this.#frame);
  }

  /** With each frame that comes in time the end moves on: whoever was woken too early only looks again. */
  #wakeAt(dueMs: number, now: number): void {
    if (this.#wakeDueMs <= dueMs) return;
    this.#sleepOn();
    this.#wakeDueMs = dueMs;
    // Timers drop what is below a millisecond, and would wake too early.
    this.#wake = setTimeout(() => this.#wakeUp(), Math.ceil(dueMs - now));
  }

  #wakeUp(): void {
    this.#wakeDueMs = Number.POSITIVE_INFINITY;
    this.#countLate();
    this.#advance();
  }

  #sleepOn(): void {
    clearTimeout(this.#wake);
    this.#wakeDueMs = Number.POSITIVE_INFINITY;
  }

  /** A whole frame waited, and what was sent before it has been heard to its end. */
  #countLate(): void {
    const frames = this.#inFlight.length;
    if (frames === 0 || this.#queue.readyBytes < this.#frame.length) return;
    if (this.#heardFromMs + frames * frameMs < performance.now()) this.#counts.lateFrames += 1;
  }
}

function lendFrame(bytes: number): Buffer {
  const frame = frames.get(bytes) ?? Buffer.alloc(bytes);
  frames.set(bytes, frame);
  return frame;
}
