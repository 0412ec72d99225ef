// What a service plays to the caller by itself, as time that passes: so much silence for each reply, and its end when it was heard.
import { createSilence, frameMs, pcm24k } from '../../audio/audio-format.ts';
import { findHeardWords } from '../heard-words.ts';
import type { VoiceModelEvent } from '../voice-model.ts';
import type { RealtimeEvent } from './realtime-messages.ts';

/** What the service has sent waits in the page's buffers before it is heard. */
const heardLateMs = 200;
/** A reply that was made and of which no sound has begun for so long, while nothing else sounds, has none. */
const startTimeoutMs = 3_000;

interface PlayedReply {
  readonly id: string;
  text: string;
  /** All told; undefined until it is made. */
  audioMs: number | undefined;
  playedMs: number;
  /** When its sound began, and how far it was told of. */
  toldAtMs: number | undefined;
  /** Held until it is heard. */
  end: Extract<VoiceModelEvent, { type: 'reply-finished' }> | undefined;
  timer: NodeJS.Timeout | undefined;
}

export class ServicePlayout {
  readonly #emit: (event: VoiceModelEvent) => void;
  readonly #replies = new Map<string, PlayedReply>();

  constructor(emit: (event: VoiceModelEvent) => void) {
    this.#emit = emit;
  }

  /** An event of the model: all of them but the ends of replies are as true now as later. */
  pass(event: VoiceModelEvent): void {
    if (event.type === 'reply-started') this.#begin(event.replyId);
    if (event.type === 'transcript' && event.role === 'agent') this.#setText(event.turnId, event.text);
    if (event.type === 'closed') this.close();
    if (event.type === 'reply-finished') this.#hold(event);
    else this.#emit(event);
  }

  tell({ responseId, state }: Extract<RealtimeEvent, { type: 'playout' }>): void {
    const reply = this.#replies.get(responseId);
    // Of a reply that began before this session was joined, or that has no words.
    if (!reply) return;
    if (state === 'started') this.#start(reply);
    else if (state === 'cleared') this.#finish(reply, 'interrupted');
    else {
      clearTimeout(reply.timer);
      this.#pass(reply);
      reply.timer = setTimeout(() => this.#finish(reply), heardLateMs);
    }
  }

  made(replyId: string, audioMs: number): void {
    const reply = this.#replies.get(replyId);
    if (reply && audioMs > 0) reply.audioMs = audioMs;
  }

  /** It goes no further. Returns the words that were heard. */
  cut(replyId: string, heardMs: number): string {
    const reply = this.#replies.get(replyId);
    if (!reply) return '';
    this.#forget(reply);
    const { text, audioMs } = reply;
    return findHeardWords([{ text, receivedMs: audioMs ?? heardMs, isComplete: audioMs !== undefined }], heardMs);
  }

  /** Idempotent. */
  close(): void {
    for (const reply of this.#replies.values()) this.#forget(reply);
  }

  #begin(id: string): void {
    const nothing = { audioMs: undefined, toldAtMs: undefined, end: undefined, timer: undefined };
    this.#replies.set(id, { id, text: '', playedMs: 0, ...nothing });
  }

  #setText(id: string, text: string): void {
    const reply = this.#replies.get(id);
    if (reply) reply.text = text;
  }

  #start(reply: PlayedReply): void {
    clearTimeout(reply.timer);
    reply.toldAtMs = performance.now();
    reply.timer = setInterval(() => this.#pass(reply), frameMs);
  }

  /** Time that was not told of yet. */
  #pass(reply: PlayedReply): void {
    const nowMs = performance.now();
    const ms = Math.floor(nowMs - (reply.toldAtMs ?? nowMs));
    if (ms <= 0) return;
    reply.toldAtMs! += ms;
    reply.playedMs += ms;
    this.#emit({ type: 'audio', replyId: reply.id, audio: createSilence(pcm24k, ms) });
  }

  #hold(end: Extract<VoiceModelEvent, { type: 'reply-finished' }>): void {
    const reply = this.#replies.get(end.replyId);
    if (!reply) {
      this.#emit(end);
      return;
    }
    reply.end = end;
    if (reply.toldAtMs !== undefined) return;
    // Whatever was made of it before it failed may still be heard.
    this.#awaitStart(reply);
  }

  #awaitStart(reply: PlayedReply): void {
    reply.timer = setTimeout(() => {
      const isOtherHeard = [...this.#replies.values()].some(({ toldAtMs }) => toldAtMs !== undefined);
      if (isOtherHeard) this.#awaitStart(reply);
      else this.#finish(reply);
    }, startTimeoutMs);
  }

  #finish(reply: PlayedReply, outcome = reply.end?.outcome ?? 'completed'): void {
    if (!this.#replies.has(reply.id)) return;
    this.#forget(reply);
    this.#emit({ type: 'reply-finished', replyId: reply.id, outcome });
  }

  #forget(reply: PlayedReply): void {
    clearTimeout(reply.timer);
    this.#replies.delete(reply.id);
  }
}
