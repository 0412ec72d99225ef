// A call as people hold one: the caller asks, the model tells when they are done, is asked for a reply, and makes it faster than it is spoken.
import type { Latencies } from './latencies.ts';
import { createAcsMetadata, type FrameCount, isAudio, type LoadCall, Way, type Write } from './load-call.ts';
import { createCallerVoice, createQuietRoom, createTone } from './load-sounds.ts';
import { createFrame, type FoundFrame, opcodes } from './raw-frames.ts';
import { SpokenReply } from './spoken-reply.ts';

const frameMs = 20;
/** As services send it, some four times as fast as it is heard. */
const pieceMs = 250;
const pieceEveryFrames = 3;
const piecesOfReply = 24;
const framesOfReply = (piecesOfReply * pieceMs) / frameMs;
/** Of the caller's voice, until the service says that it began, and that it is over. */
const askingFrames = 2_000 / frameMs;
const noticedFrames = 300 / frameMs;
const endedFrames = 500 / frameMs;
/** From the end of a reply, as it is heard, to the next question. */
const restFrames = 1_000 / frameMs;
/** About all of it: behind its greeting each call waits for another part of it, so that not all ask at once. */
const cycleFrames = 500;
/** A reply that is not asked for in so much time never is: the caller asks again. */
const patienceFrames = 5_000 / frameMs;
/** What a frame may be late by, and nobody hears it. */
const graceMs = 5;
const modelAudio = createTone(pieceMs * 24, 40).toString('base64');

export class ConversingCall implements LoadCall {
  readonly toModel: Way;
  /** Of replies that the next one has followed. */
  readonly toCaller = { sent: 0, received: 0 } satisfies FrameCount;
  gaps = 0;
  readonly #name: string;
  readonly #voice: readonly Buffer[];
  readonly #room: readonly Buffer[];
  readonly #phaseFrames: number;
  #writeCaller: Write | undefined;
  #writeModel: Write | undefined;
  /** Of the caller: below zero they rest, from zero on they speak and wait. */
  #frame = Number.NEGATIVE_INFINITY;
  #reply: SpokenReply | undefined;
  #replies = 0;
  #replyFrame = 0;
  #isAnswered = false;
  /** When all that came of a reply will have been heard; undefined before its first frame. */
  #heardUntilMs: number | undefined;
  #heardFrames = 0;
  #gaps = 0;

  constructor(number: number, latencies: Pick<Latencies, 'add'>) {
    this.#name = String(number).padStart(5, '0');
    this.toModel = new Way(latencies);
    this.#voice = createCallerVoice(number % 8);
    this.#room = createQuietRoom();
    this.#phaseFrames = (number * 37) % cycleFrames;
  }

  joinCaller(write: Write): void {
    this.#writeCaller = write;
    write(createAcsMetadata());
  }

  joinModel(write: Write): void {
    this.#writeModel = write;
    this.#beginReply();
  }

  hearAtCaller(frame: FoundFrame, nowMs: number): void {
    if (!isAudio(frame)) return;
    const heardUntilMs = this.#heardUntilMs ?? nowMs;
    if (nowMs > heardUntilMs + graceMs) this.#gaps += 1;
    this.#heardUntilMs = Math.max(heardUntilMs, nowMs) + frameMs;
    this.#heardFrames += 1;
    if (this.#heardFrames < framesOfReply) return;
    const phaseFrames = this.#replies === 1 ? this.#phaseFrames : 0;
    this.#frame = -restFrames - phaseFrames - Math.round((this.#heardUntilMs - nowMs) / frameMs);
  }

  hearAtModel(frame: FoundFrame, nowMs: number): void {
    if (isAudio(frame)) this.toModel.receive(nowMs);
    // Of a service that says nothing for a while the bridge asks whether it is there.
    else if (frame.opcode === opcodes.ping) this.#writeModel?.(createFrame(frame.read(), false, opcodes.pong));
    else if (frame.read().includes('"response.create"') && !this.#reply) this.#beginReply();
  }

  sendFromCaller(nowMs: number): void {
    const write = this.#writeCaller;
    if (!write) return;
    this.toModel.send(nowMs);
    const isAsking = this.#frame >= 0 && this.#frame < askingFrames;
    const sounds = isAsking ? this.#voice : this.#room;
    write(sounds[this.toModel.sent % sounds.length]!);
    this.#frame += 1;
    if (this.#writeModel) this.#notice(this.#writeModel);
  }

  sendFromModel(): void {
    const reply = this.#reply;
    if (!reply) return;
    if (this.#replyFrame % pieceEveryFrames === 0) {
      reply.sayWord();
      reply.speak();
    }
    this.#replyFrame += 1;
    if (this.#replyFrame < piecesOfReply * pieceEveryFrames) return;
    reply.end();
    this.#reply = undefined;
  }

  /** What a service tells of the caller. */
  #notice(write: Write): void {
    const tell = (event: object) => write(createFrame(JSON.stringify(event), false));
    const item_id = `item_${this.#name}x${this.#replies}c`;
    if (this.#frame === 0) this.#isAnswered = false;
    if (this.#frame === noticedFrames) tell({ type: 'input_audio_buffer.speech_started', audio_start_ms: 0, item_id });
    if (this.#frame === askingFrames + endedFrames) {
      tell({ type: 'input_audio_buffer.speech_stopped', audio_end_ms: 0, item_id });
      tell({ type: 'input_audio_buffer.committed', item_id, previous_item_id: null });
      const item = { id: item_id, type: 'message', role: 'user', content: [] };
      tell({ type: 'conversation.item.added', item });
      const type = 'conversation.item.input_audio_transcription.completed';
      tell({ type, item_id, content_index: 0, transcript: 'one more question' });
    }
    if (this.#frame === askingFrames + patienceFrames && !this.#isAnswered) this.#frame = -restFrames;
  }

  #beginReply(): void {
    if (this.#replies > 0) this.#settle();
    this.#replies += 1;
    this.#reply = new SpokenReply(this.#writeModel!, `${this.#name}x${this.#replies}`, modelAudio);
    this.#reply.begin();
    this.#replyFrame = 0;
    this.#isAnswered = true;
  }

  #settle(): void {
    this.toCaller.sent += framesOfReply;
    this.toCaller.received += this.#heardFrames;
    this.gaps += this.#gaps;
    this.#heardUntilMs = undefined;
    this.#heardFrames = 0;
    this.#gaps = 0;
  }
}
