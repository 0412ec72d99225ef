// What the agent says on a Twilio stream: cut into frames, sent a little ahead, and followed by marks to the caller's ear.
import { bytesPerMs, createSilence, frameBytes, mulaw8k } from '../audio/audio-format.ts';
import { aheadOf, type Manner } from '../audio/manner.ts';
import { VoiceQueue } from '../audio/voice-queue.ts';

export interface PlaybackWire {
  /** The buffer holds until this returns. */
  media(audio: Buffer): void;
  mark(name: string): void;
  clear(): void;
  /** True while the carrier does not read what was sent: everything then waits here. */
  readonly congested: boolean;
}

const bytesAMs = bytesPerMs(mulaw8k);
const frame = frameBytes(mulaw8k);
/** Marks are the only truth about what was heard; between two of them the clock is trusted for so long. */
const markEveryBytes = 100 * bytesAMs;
/** Enough to ride out any stall of ours; Twilio itself would hold ten minutes. */
const steadyLeadMs = 2000;
/** Where a stretch begins that comes no faster than it is played, so much is gathered first: each frame is then there in time. */
const cushionMs = 40;
/**
 * Round trips are known by their fastest: a mark may be late, and is never early. Behind a stall all are late, by as much, until the
 * agent rests: so many are remembered, and of those that come closer to each other than marks usually do only the fastest.
 */
const roundTripMarks = 100;
const roundTripEveryMs = 100;
/** Beyond this it is a stall and no distance. */
const longestRoundTripMs = 1_000;
/** What is left of a frame waits for more until only this much is left to play. */
const flushBeforeEndMs = 40;
/** Ten minutes: no reply is longer, and Twilio drops what goes beyond (31931). */
const maxWaitingMs = 10 * 60_000;

export class TwilioPlayback {
  readonly #wire: PlaybackWire;
  readonly #waiting = new VoiceQueue(mulaw8k, maxWaitingMs);
  /** Of what is sent at once. */
  readonly #memory = Buffer.alloc(markEveryBytes);
  #piece = this.#memory;
  #leadMs = steadyLeadMs;
  /** The end of the timeline on the wire, in bytes. Padding is on the wire and not on the timeline. */
  #wireBytes = 0;
  #markedBytes = 0;
  /** Not yet echoed, in order. */
  #marks: { readonly name: string; readonly atBytes: number; readonly endsAtMs: number }[] = [];
  /** Part of each mark's name: marks echoed by a clear look like played ones. */
  #generation = 1;
  /** A position that will have been heard when a clear arrives that is sent at a known time. */
  #anchor = { atBytes: 0, atMs: 0 };
  readonly #roundTrips: number[] = [];
  #roundTripMs = 0;
  #learnedAtMs = Number.NEGATIVE_INFINITY;
  /** Since when audio waits for more, in a stretch that has not begun. */
  #gatheringSinceMs: number | undefined;
  /** When all that is on the wire will have been played, by the clock. */
  #endsAtMs = 0;

  constructor(wire: PlaybackWire) {
    this.#wire = wire;
  }

  get sentMs(): number {
    return (this.#wireBytes + this.#waiting.bytes) / bytesAMs;
  }

  /** What the caller will have heard when a clear that is sent now arrives; less than `sentMs` until the last mark is back. */
  get playedMs(): number {
    return this.#playedBytes() / bytesAMs;
  }

  /** From us to the caller's ear and back, as the marks tell it; 0 until one did. */
  get roundTripMs(): number {
    return this.#roundTripMs;
  }

  /** Bytes that found no room. */
  get droppedBytes(): number {
    return this.#waiting.droppedBytes;
  }

  /** Of what has not been sent. */
  set manner(manner: Manner) {
    this.#leadMs = aheadOf(manner, steadyLeadMs);
    this.#waiting.manner = manner;
    this.#send();
  }

  add(audio: Buffer): void {
    if (this.#waiting.push(audio) > 0) this.#send();
  }

  /** Sends what may go by now. To be called every frame. */
  pump(): void {
    const now = performance.now();
    const rest = this.#waiting.readyBytes;
    if (rest > 0 && rest < frame && this.#endsAtMs - now <= flushBeforeEndMs && this.#mayGo(now)) {
      this.#put(Buffer.concat([this.#take(rest), createSilence(mulaw8k, (frame - rest) / bytesAMs)]), rest, now);
    }
    this.#send();
  }

  /** Resolves a mark that came back. True when that was the last: everything sent was heard. */
  acknowledge(name: string): boolean {
    const index = this.#marks.findIndex((mark) => mark.name === name);
    if (index < 0) return false;
    const mark = this.#marks[index]!;
    this.#learnRoundTrip(performance.now() - mark.endsAtMs);
    // It was played before its echo set out, and what is played until a clear is there is heard too.
    this.#anchor = { atBytes: mark.atBytes, atMs: performance.now() - this.roundTripMs };
    this.#marks = this.#marks.slice(index + 1);
    return this.#marks.length === 0 && this.#waiting.bytes === 0;
  }

  clear(): void {
    const played = this.#playedBytes();
    if (this.#marks.length > 0) this.#wire.clear();
    this.#waiting.clear();
    this.#marks = [];
    this.#generation += 1;
    this.#wireBytes = played;
    this.#markedBytes = played;
    this.#endsAtMs = performance.now();
    this.#gatheringSinceMs = undefined;
  }

  /** Whole frames only. */
  #send(): void {
    const now = performance.now();
    while (this.#waiting.readyBytes >= frame && this.#mayGo(now)) {
      const most = Math.min(this.#waiting.readyBytes, markEveryBytes, Math.max(frame, this.#roomBytes(now)));
      const bytes = most - (most % frame);
      this.#put(this.#take(bytes), bytes, now);
      if (this.#wireBytes - this.#markedBytes >= markEveryBytes) this.#mark();
    }
    if (this.#wireBytes > this.#markedBytes) this.#mark();
  }

  #playedBytes(): number {
    const next = this.#marks[0];
    if (!next) return this.#wireBytes;
    const byClock = this.#anchor.atBytes + Math.floor((performance.now() - this.#anchor.atMs) * bytesAMs);
    // Its echo may be on its way, and only the last one says that all was heard.
    const byMark = next.atBytes + Math.floor(this.roundTripMs * bytesAMs);
    return Math.max(0, Math.min(byClock, byMark, this.#wireBytes - (this.roundTripMs > 0 ? 1 : 0)));
  }

  #learnRoundTrip(ms: number): void {
    if (ms > longestRoundTripMs) return;
    const nowMs = performance.now();
    const newest = nowMs - this.#learnedAtMs < roundTripEveryMs ? this.#roundTrips.pop() : undefined;
    if (newest === undefined) this.#learnedAtMs = nowMs;
    this.#roundTrips.push(Math.min(Math.max(0, ms), newest ?? longestRoundTripMs));
    if (this.#roundTrips.length > roundTripMarks) this.#roundTrips.shift();
    this.#roundTripMs = Math.min(...this.#roundTrips);
  }

  #mayGo(now: number): boolean {
    return this.#endsAtMs - now < this.#leadMs && !this.#wire.congested && !this.#isGathering(now);
  }

  /** Close to the ear frames go one by one. */
  #roomBytes(now: number): number {
    if (this.#leadMs === steadyLeadMs) return markEveryBytes;
    return Math.floor((this.#leadMs - Math.max(0, this.#endsAtMs - now)) * bytesAMs);
  }

  #isGathering(now: number): boolean {
    const isPlaying = this.#endsAtMs > now;
    if (isPlaying || this.#waiting.isPaused || this.#waiting.bytes >= cushionMs * bytesAMs) {
      this.#gatheringSinceMs = undefined;
      return false;
    }
    this.#gatheringSinceMs ??= now;
    return now - this.#gatheringSinceMs < cushionMs;
  }

  /** `timelineBytes` is less than the audio's length where it was padded. */
  #put(audio: Buffer, timelineBytes: number, now: number): void {
    if (this.#wireBytes === this.#markedBytes && this.#marks.length === 0) {
      this.#anchor = { atBytes: this.#wireBytes, atMs: now };
    }
    this.#wire.media(audio);
    this.#wireBytes += timelineBytes;
    this.#endsAtMs = Math.max(this.#endsAtMs, now) + audio.length / bytesAMs;
  }

  #mark(): void {
    const name = `g${this.#generation}:${this.#wireBytes / bytesAMs}`;
    this.#marks.push({ name, atBytes: this.#wireBytes, endsAtMs: this.#endsAtMs });
    this.#markedBytes = this.#wireBytes;
    this.#wire.mark(name);
  }

  /** There must be so many. */
  #take(bytes: number): Buffer {
    if (this.#piece.length !== bytes) this.#piece = this.#memory.subarray(0, bytes);
    this.#waiting.take(this.#piece);
    return this.#piece;
  }
}
