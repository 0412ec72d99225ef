// Where each reply of the agent lies on the carrier's timeline: tells what the caller heard of it.

/** One reply of which the caller did not hear everything. */
export interface UnheardReply {
  readonly replyId: string;
  readonly heardMs: number;
  /** Audio that came so far; all of it if `finished`. */
  readonly receivedMs: number;
  readonly finished: boolean;
}

interface PlacedReply {
  readonly replyId: string;
  /** Undefined until its first audio. */
  startMs?: number;
  receivedMs: number;
  finished: boolean;
}

/** Replies follow one another without overlap: the model makes one at a time, and each is queued behind the last. */
export class ReplyTimeline {
  #replies: PlacedReply[] = [];

  begin(replyId: string): void {
    if (!this.#find(replyId)) this.#replies.push({ replyId, receivedMs: 0, finished: false });
  }

  /** `atMs`: where on the carrier's timeline this audio begins. */
  add(replyId: string, atMs: number, lengthMs: number): void {
    this.begin(replyId);
    const reply = this.#find(replyId)!;
    reply.startMs ??= atMs;
    reply.receivedMs += lengthMs;
  }

  finish(replyId: string): void {
    const reply = this.#find(replyId);
    if (reply) reply.finished = true;
  }

  /** Nothing more will come for any of them. Those that are here stay; tells which of them were in the making. */
  finishAll(): readonly { replyId: string; wasFinished: boolean }[] {
    return this.#replies.map((reply) => {
      const { replyId, finished } = reply;
      reply.finished = true;
      return { replyId, wasFinished: finished };
    });
  }

  /** Audio was received for it and it is still here: unheard, or heard and not yet taken. */
  hasAudio(replyId: string): boolean {
    return (this.#find(replyId)?.receivedMs ?? 0) > 0;
  }

  get isEmpty(): boolean {
    return this.#replies.length === 0;
  }

  /** More audio is to come for one of them. */
  get isMaking(): boolean {
    return this.#replies.some(({ finished }) => !finished);
  }

  /** The first that was not heard to its end: what the caller hears now, or will hear next. */
  findCurrent(playedMs: number): UnheardReply | undefined {
    const reply = this.#replies.find((one) => !one.finished || heardOf(one, playedMs) < one.receivedMs);
    if (!reply) return undefined;
    const { replyId, receivedMs, finished } = reply;
    return { replyId, heardMs: heardOf(reply, playedMs), receivedMs, finished };
  }

  /** Takes out the replies that are finished and heard to their end, in order. */
  takeHeard(playedMs: number): readonly string[] {
    const isHeard = (reply: PlacedReply) => reply.finished && heardOf(reply, playedMs) >= reply.receivedMs;
    const heard = this.#replies.filter(isHeard);
    this.#replies = this.#replies.filter((reply) => !isHeard(reply));
    return heard.map((reply) => reply.replyId);
  }

  /** Takes out all the others: what an interruption cuts. */
  takeUnheard(playedMs: number): readonly UnheardReply[] {
    const unheard = this.#replies.map((reply) => ({
      replyId: reply.replyId,
      heardMs: heardOf(reply, playedMs),
      receivedMs: reply.receivedMs,
      finished: reply.finished,
    }));
    this.#replies = [];
    return unheard;
  }

  #find(replyId: string): PlacedReply | undefined {
    return this.#replies.find((reply) => reply.replyId === replyId);
  }
}

/** The converter between the legs may add or hold back a sample: within half a millisecond of the end is the end. */
const endToleranceMs = 0.5;

function heardOf(reply: PlacedReply, playedMs: number): number {
  if (reply.startMs === undefined) return 0;
  const heardMs = playedMs - reply.startMs;
  if (heardMs >= reply.receivedMs - endToleranceMs) return reply.receivedMs;
  return Math.max(0, heardMs);
}
