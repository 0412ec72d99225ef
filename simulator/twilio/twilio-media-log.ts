// What happened on one media stream, by a monotonic clock: what a test asserts on.

/** Ten minutes of frames; a longer call forgets its beginning. */
const maxEntries = 30_000;

export type MarkEcho = 'played' | 'idle' | 'cleared';

export class TwilioMediaLog {
  readonly received: { readonly atMs: number; readonly bytes: number }[] = [];
  readonly marks: { readonly atMs: number; readonly name: string; readonly echo: MarkEcho }[] = [];
  readonly clears: { readonly atMs: number; readonly droppedBytes: number }[] = [];
  /** What came out of the phone, frame by frame; silence is left out. */
  readonly heard: { readonly atMs: number; readonly audio: Buffer }[] = [];
  readonly events: {
    readonly atMs: number;
    readonly event: 'opened' | 'refused' | 'stopped' | 'lost';
    readonly detail: string;
  }[] = [];
  framesSent = 0;
  framesSkipped = 0;
  playedBytes = 0;
  /** Messages that are against the protocol: each of them Twilio would have ignored. */
  invalidMessages = 0;

  receive(bytes: number): void {
    add(this.received, { atMs: performance.now(), bytes });
  }

  mark(name: string, echo: MarkEcho): void {
    add(this.marks, { atMs: performance.now(), name, echo });
  }

  clear(droppedBytes: number): void {
    add(this.clears, { atMs: performance.now(), droppedBytes });
  }

  play(audio: Buffer): void {
    this.playedBytes += audio.length;
    add(this.heard, { atMs: performance.now(), audio });
  }

  event(event: 'opened' | 'refused' | 'stopped' | 'lost', detail = ''): void {
    add(this.events, { atMs: performance.now(), event, detail });
  }
}

function add<Entry>(entries: Entry[], entry: Entry): void {
  if (entries.length >= maxEntries) entries.shift();
  entries.push(entry);
}
