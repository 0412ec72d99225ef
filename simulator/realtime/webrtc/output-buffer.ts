// The service's own playout of a WebRTC session: plays what is made of a reply in real time, tells when, and cuts it when it is told to.
import { startFrameClock } from '../../line/frame-clock.ts';
import { pcm24k } from '../../voice/audio-format.ts';
import { decodeWireAudio } from '../audio-wire.ts';
import type { Send } from '../response-writer.ts';
import { peerFrameMs, peerSampleRate } from './peer.ts';

const samplesAMs = peerSampleRate / 1000;
const frameSamples = peerFrameMs * samplesAMs;

interface AudioDelta {
  readonly response_id: string;
  readonly item_id: string;
  readonly delta: string;
}

interface Piece {
  readonly responseId: string;
  readonly itemId: string;
  readonly samples: Int16Array;
}

export interface OutputBufferOptions {
  /** One frame, every 20 ms; silence where there is nothing to say. */
  readonly play: (samples: Int16Array) => void;
  readonly send: Send;
  /** Of this item only so much was played. */
  readonly truncate: (itemId: string, audioEndMs: number) => void;
}

export class OutputBuffer {
  readonly #options: OutputBufferOptions;
  readonly #stop: () => void;
  #queue: Piece[] = [];
  /** Within the first piece. */
  #at = 0;
  /** The response that is heard, and how much of each of its items was. */
  #playing: { readonly responseId: string; readonly played: Map<string, number> } | undefined;
  readonly #made = new Set<string>();
  /** Cut: late pieces of them are not played. */
  readonly #dropped = new Set<string>();

  constructor(options: OutputBufferOptions) {
    this.#options = options;
    this.#stop = startFrameClock(() => this.#beat());
  }

  /** Of an event that goes to the client: sound does not, it is played. */
  takes(event: Parameters<Send>[0]): boolean {
    if (event.type === 'response.output_audio.delta') {
      const { response_id: responseId, item_id: itemId, delta } = event as unknown as AudioDelta;
      const samples = decodeWireAudio(delta, pcm24k)!;
      if (!this.#dropped.has(responseId)) this.#queue.push({ responseId, itemId, samples });
      return true;
    }
    if (event.type === 'response.done') {
      const { id } = event.response as { id: string };
      // The client is told of the end of the reply first, and then of the end of its sound.
      queueMicrotask(() => this.#finish(id));
    }
    return false;
  }

  #finish(responseId: string): void {
    this.#made.add(responseId);
    this.#settle();
  }

  /** The caller speaks over it, or the client wants silence: what was not played is forgotten, in the conversation too. */
  clear(): void {
    const playing = this.#playing;
    const cut = new Set(this.#queue.map(({ itemId }) => itemId));
    for (const { responseId } of this.#queue) this.#dropped.add(responseId);
    if (playing) this.#dropped.add(playing.responseId);
    this.#queue = [];
    this.#at = 0;
    this.#playing = undefined;
    if (!playing) return;
    this.#options.send({ type: 'output_audio_buffer.cleared', response_id: playing.responseId });
    for (const [itemId, samples] of playing.played)
      if (cut.has(itemId) || !this.#made.has(playing.responseId))
        this.#options.truncate(itemId, Math.floor(samples / samplesAMs));
  }

  close(): void {
    this.#stop();
    this.#queue = [];
  }

  #beat(): void {
    const frame = new Int16Array(frameSamples);
    let filled = 0;
    for (let piece = this.#queue[0]; piece && filled < frameSamples; piece = this.#queue[0]) {
      this.#begin(piece.responseId);
      const part = piece.samples.subarray(this.#at, this.#at + frameSamples - filled);
      frame.set(part, filled);
      filled += part.length;
      this.#at += part.length;
      const { played } = this.#playing!;
      played.set(piece.itemId, (played.get(piece.itemId) ?? 0) + part.length);
      if (this.#at < piece.samples.length) break;
      this.#queue.shift();
      this.#at = 0;
    }
    this.#options.play(frame);
    this.#settle();
  }

  #begin(responseId: string): void {
    if (this.#playing?.responseId === responseId) return;
    this.#end();
    this.#playing = { responseId, played: new Map() };
    this.#options.send({ type: 'output_audio_buffer.started', response_id: responseId });
  }

  #settle(): void {
    const playing = this.#playing?.responseId;
    if (playing === undefined || !this.#made.has(playing)) return;
    if (this.#queue[0]?.responseId !== playing) this.#end();
  }

  #end(): void {
    if (!this.#playing) return;
    const { responseId } = this.#playing;
    this.#playing = undefined;
    this.#made.delete(responseId);
    this.#options.send({ type: 'output_audio_buffer.stopped', response_id: responseId });
  }
}
