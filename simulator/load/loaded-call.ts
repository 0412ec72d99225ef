// One call of the load: what both of its ends send, when, and how late the bridge brings it to the other end.
import type { Latencies } from './latencies.ts';
import { createFrame, type FoundFrame, opcodes } from './raw-frames.ts';

/** Of a reply. The next one begins with the next frame: the model speaks all the time. */
const replyFrames = 500;
/** Three words a second. */
const wordEveryFrames = 17;
/** Twenty seconds of frames on their way: who holds more has failed long before. */
const ringFrames = 1_024;
/** A frame of audio, whatever is around it, and nothing else on these wires, but for what is told once at the beginning. */
const leastAudioBytes = 700;

/** Where raw bytes go. */
export type Write = (bytes: Buffer) => void;

/** A frame goes in on one side and comes out on the other: no frame is more, and none is less. */
class Way {
  readonly #sentAtMs = new Float64Array(ringFrames);
  readonly #latencies: Pick<Latencies, 'add'>;
  sent = 0;
  received = 0;

  constructor(latencies: Pick<Latencies, 'add'>) {
    this.#latencies = latencies;
  }

  send(nowMs: number): void {
    this.#sentAtMs[this.sent++ % ringFrames] = nowMs;
  }

  receive(nowMs: number): void {
    if (this.received < this.sent) this.#latencies.add(nowMs - this.#sentAtMs[this.received % ringFrames]!);
    this.received += 1;
  }
}

export class LoadedCall {
  readonly toModel: Way;
  readonly toCaller: Way;
  readonly #name: string;
  readonly #callerFrame: Buffer;
  readonly #modelAudio: string;
  #writeCaller: Write | undefined;
  #writeModel: Write | undefined;
  #modelFrame: Buffer | undefined;
  #reply = 0;
  #replyFrame = 0;

  constructor(number: number, latencies: Pick<Latencies, 'add'>) {
    this.#name = String(number).padStart(5, '0');
    this.toModel = new Way(latencies);
    this.toCaller = new Way(latencies);
    const data = createTone(320, 23 + (number % 40)).toString('base64');
    const audioData = { timestamp: '2026-01-15T10:16:12.925Z', participantRawID: '4:+15550100', data, silent: false };
    this.#callerFrame = createFrame(JSON.stringify({ kind: 'AudioData', audioData }), true);
    this.#modelAudio = createTone(480, 31 + (number % 40)).toString('base64');
  }

  /** The caller's end is there. */
  joinCaller(write: Write): void {
    this.#writeCaller = write;
    const audioMetadata = { subscriptionId: 'load', encoding: 'PCM', sampleRate: 16000, channels: 1, length: 640 };
    write(createFrame(JSON.stringify({ kind: 'AudioMetadata', audioMetadata }), true));
  }

  /** The model has been asked to speak. */
  joinModel(write: Write): void {
    this.#writeModel = write;
  }

  hearAtCaller(frame: FoundFrame, nowMs: number): void {
    if (frame.opcode === opcodes.text && frame.bytes >= leastAudioBytes) this.toCaller.receive(nowMs);
  }

  hearAtModel(frame: FoundFrame, nowMs: number): void {
    if (frame.opcode === opcodes.text && frame.bytes >= leastAudioBytes) this.toModel.receive(nowMs);
  }

  sendFromCaller(nowMs: number): void {
    if (!this.#writeCaller) return;
    this.toModel.send(nowMs);
    this.#writeCaller(this.#callerFrame);
  }

  sendFromModel(nowMs: number): void {
    const write = this.#writeModel;
    if (!write) return;
    if (this.#replyFrame === 0) this.#beginReply(write);
    if (this.#replyFrame % wordEveryFrames === 0)
      this.#tell(write, { ...this.#delta('response.output_audio_transcript.delta'), delta: ' word' });
    this.toCaller.send(nowMs);
    write(this.#modelFrame!);
    this.#replyFrame += 1;
    if (this.#replyFrame === replyFrames) this.#endReply(write);
  }

  get #place() {
    const ids = { response_id: `resp_${this.#name}x${this.#reply}`, item_id: `item_${this.#name}x${this.#reply}` };
    return { ...ids, output_index: 0, content_index: 0 };
  }

  #delta(type: string) {
    return { type, event_id: `event_${this.#name}`, ...this.#place };
  }

  #beginReply(write: Write): void {
    this.#reply += 1;
    const place = this.#place;
    const item = { id: place.item_id, type: 'message', role: 'assistant', content: [] };
    this.#tell(write, { type: 'response.created', response: { id: place.response_id, status: 'in_progress' } });
    this.#tell(write, { type: 'response.output_item.added', ...place, item });
    this.#tell(write, { type: 'conversation.item.added', item });
    const delta = { ...this.#delta('response.output_audio.delta'), delta: this.#modelAudio };
    this.#modelFrame = createFrame(JSON.stringify(delta), false);
  }

  /** And the caller has said something. */
  #endReply(write: Write): void {
    const place = this.#place;
    this.#tell(write, { type: 'response.output_audio_transcript.done', ...place, transcript: 'word '.repeat(30) });
    this.#tell(write, { type: 'response.output_audio.done', ...place });
    const response = { id: place.response_id, status: 'completed', output: [] };
    this.#tell(write, { type: 'response.done', response });
    const item_id = `${place.item_id}c`;
    const type = 'conversation.item.input_audio_transcription.completed';
    this.#tell(write, { type, item_id, content_index: 0, transcript: 'one more question' });
    this.#replyFrame = 0;
  }

  #tell(write: Write, event: object): void {
    write(createFrame(JSON.stringify(event), false));
  }
}

/** 20 ms as loud as speech: 16-bit samples, little-endian. */
function createTone(samples: number, periodSamples: number): Buffer {
  const bytes = Buffer.alloc(samples * 2);
  for (let i = 0; i < samples; i++)
    bytes.writeInt16LE(Math.round(5_000 * Math.sin((2 * Math.PI * i) / periodSamples)), i * 2);
  return bytes;
}
