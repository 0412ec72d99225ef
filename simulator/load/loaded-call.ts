// A call in which both speak all the time, and what one end sends comes out at the other frame by frame: how late each is can be told.
import type { Latencies } from './latencies.ts';
import { createAcsAudio, createAcsMetadata, isAudio, type LoadCall, Way, type Write } from './load-call.ts';
import { createTone } from './load-sounds.ts';
import { createFrame, type FoundFrame } from './raw-frames.ts';
import { SpokenReply } from './spoken-reply.ts';

/** Of a reply. The next one begins with the next frame. */
const replyFrames = 500;
/** Three words a second. */
const wordEveryFrames = 17;

export class LoadedCall implements LoadCall {
  readonly toModel: Way;
  readonly toCaller: Way;
  /** Whoever hears each frame as it comes misses none. */
  readonly gaps = 0;
  readonly #name: string;
  readonly #callerFrame: Buffer;
  readonly #modelAudio: string;
  #writeCaller: Write | undefined;
  #writeModel: Write | undefined;
  #reply: SpokenReply | undefined;
  #replies = 0;
  #replyFrame = 0;

  constructor(number: number, latencies: Pick<Latencies, 'add'>) {
    this.#name = String(number).padStart(5, '0');
    this.toModel = new Way(latencies);
    this.toCaller = new Way(latencies);
    this.#callerFrame = createAcsAudio(createTone(320, 23 + (number % 40)));
    this.#modelAudio = createTone(480, 31 + (number % 40)).toString('base64');
  }

  joinCaller(write: Write): void {
    this.#writeCaller = write;
    write(createAcsMetadata());
  }

  joinModel(write: Write): void {
    this.#writeModel = write;
  }

  hearAtCaller(frame: FoundFrame, nowMs: number): void {
    if (isAudio(frame)) this.toCaller.receive(nowMs);
  }

  hearAtModel(frame: FoundFrame, nowMs: number): void {
    if (isAudio(frame)) this.toModel.receive(nowMs);
  }

  sendFromCaller(nowMs: number): void {
    if (!this.#writeCaller) return;
    this.toModel.send(nowMs);
    this.#writeCaller(this.#callerFrame);
  }

  sendFromModel(nowMs: number): void {
    const write = this.#writeModel;
    if (!write) return;
    this.#reply ??= this.#beginReply(write);
    if (this.#replyFrame % wordEveryFrames === 0) this.#reply.sayWord();
    this.toCaller.send(nowMs);
    this.#reply.speak();
    this.#replyFrame += 1;
    if (this.#replyFrame === replyFrames) this.#endReply(this.#reply, write);
  }

  get #replyName(): string {
    return `${this.#name}x${this.#replies}`;
  }

  #beginReply(write: Write): SpokenReply {
    this.#replies += 1;
    const reply = new SpokenReply(write, this.#replyName, this.#modelAudio);
    reply.begin();
    return reply;
  }

  /** And the caller has said something. */
  #endReply(reply: SpokenReply, write: Write): void {
    reply.end();
    const type = 'conversation.item.input_audio_transcription.completed';
    const heard = { type, item_id: `item_${this.#replyName}c`, content_index: 0, transcript: 'one more question' };
    write(createFrame(JSON.stringify(heard), false));
    this.#reply = undefined;
    this.#replyFrame = 0;
  }
}
