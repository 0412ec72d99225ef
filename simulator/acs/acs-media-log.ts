// What happened on the media sockets of one call, by the monotonic clock: the evidence that tests look at.

export interface ReceivedFrame {
  readonly seq: number;
  readonly atMs: number;
  readonly bytes: number;
  /** How much audio lay unplayed in the service when the frame had arrived. */
  readonly queuedBytes: number;
}

export interface ReceivedStop {
  readonly atMs: number;
  /** Audio that was thrown away unplayed. */
  readonly droppedBytes: number;
  /** The frames that came after this StopAudio and before the next one: late deltas, or the next reply. */
  readonly framesAfter: ReceivedFrame[];
}

export type MediaLogEvent = 'opened' | 'reopened' | 'refused' | 'lost' | 'closed';

/** 10 minutes of 20 ms frames; of a longer call the newest half stays, and the totals stay true. */
const maxFrames = 30_000;

export class AcsMediaLog {
  readonly frames: ReceivedFrame[] = [];
  readonly stops: ReceivedStop[] = [];
  readonly events: { readonly type: MediaLogEvent; readonly atMs: number; readonly detail?: string }[] = [];
  framesReceived = 0;
  receivedBytes = 0;
  playedBytes = 0;
  droppedBytes = 0;
  /** Audio that arrived although the stream was not opened for both directions, or beyond what the service keeps. */
  ignoredBytes = 0;
  invalidMessages = 0;
  unknownMessages = 0;
  framesSent = 0;
  /** Frames that were not sent because the other side did not read. */
  framesWithheld = 0;
  maxQueuedBytes = 0;

  frame(bytes: number, queuedBytes: number): void {
    const frame = { seq: this.framesReceived++, atMs: performance.now(), bytes, queuedBytes };
    this.receivedBytes += bytes;
    this.maxQueuedBytes = Math.max(this.maxQueuedBytes, queuedBytes);
    this.frames.push(frame);
    if (this.frames.length > maxFrames) this.frames.splice(0, maxFrames / 2);
    const after = this.stops.at(-1)?.framesAfter;
    if (after && after.length < maxFrames) after.push(frame);
  }

  stop(droppedBytes: number): void {
    this.droppedBytes += droppedBytes;
    this.stops.push({ atMs: performance.now(), droppedBytes, framesAfter: [] });
  }

  event(type: MediaLogEvent, detail?: string): void {
    this.events.push({ type, atMs: performance.now(), ...(detail !== undefined && { detail }) });
  }
}
