// What a realtime model tells of one reply, event by event, as bytes on the wire.
import type { Write } from './load-call.ts';
import { createFrame } from './raw-frames.ts';

export class SpokenReply {
  readonly #write: Write;
  readonly #place: Readonly<
    Record<'response_id' | 'item_id', string> & Record<'output_index' | 'content_index', number>
  >;
  readonly #audio: Buffer;

  /** `audio`: what each of its pieces holds, in base64. */
  constructor(write: Write, name: string, audio: string) {
    this.#write = write;
    this.#place = { response_id: `resp_${name}`, item_id: `item_${name}`, output_index: 0, content_index: 0 };
    this.#audio = createFrame(JSON.stringify({ ...this.#delta('response.output_audio.delta'), delta: audio }), false);
  }

  begin(): void {
    const place = this.#place;
    const item = { id: place.item_id, type: 'message', role: 'assistant', content: [] };
    this.#tell({ type: 'response.created', response: { id: place.response_id, status: 'in_progress' } });
    this.#tell({ type: 'response.output_item.added', ...place, item });
    this.#tell({ type: 'conversation.item.added', item });
  }

  sayWord(): void {
    this.#tell({ ...this.#delta('response.output_audio_transcript.delta'), delta: ' word' });
  }

  speak(): void {
    this.#write(this.#audio);
  }

  end(): void {
    const place = this.#place;
    this.#tell({ type: 'response.output_audio_transcript.done', ...place, transcript: 'word '.repeat(30) });
    this.#tell({ type: 'response.output_audio.done', ...place });
    const response = { id: place.response_id, status: 'completed', output: [] };
    this.#tell({ type: 'response.done', response });
  }

  #delta(type: string) {
    return { type, event_id: 'event_load', ...this.#place };
  }

  #tell(event: object): void {
    this.#write(createFrame(JSON.stringify(event), false));
  }
}
