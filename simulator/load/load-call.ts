// One call of the load, whatever is said in it: both of its ends, and what came through between them.
import type { Latencies } from './latencies.ts';
import { createFrame, type FoundFrame, opcodes } from './raw-frames.ts';

/** Where raw bytes go. */
export type Write = (bytes: Buffer) => void;

export interface LoadCall {
  readonly toModel: FrameCount;
  readonly toCaller: FrameCount;
  /** Frames that the caller had to wait for in the midst of a reply. */
  readonly gaps: number;
  /** The caller's end is there. */
  joinCaller(write: Write): void;
  /** The model has been asked to speak. */
  joinModel(write: Write): void;
  hearAtCaller(frame: FoundFrame, nowMs: number): void;
  hearAtModel(frame: FoundFrame, nowMs: number): void;
  /** Every 20 ms. */
  sendFromCaller(nowMs: number): void;
  sendFromModel(nowMs: number): void;
}

export interface FrameCount {
  readonly sent: number;
  readonly received: number;
}

/** Twenty seconds of frames on their way: who holds more has failed long before. */
const ringFrames = 1_024;
/** A frame of audio, whatever is around it, and nothing else on these wires, but for what is told once at the beginning. */
const leastAudioBytes = 700;

export function isAudio({ opcode, bytes }: FoundFrame): boolean {
  return opcode === opcodes.text && bytes >= leastAudioBytes;
}

/** A frame goes in on one side and comes out on the other: no frame is more, and none is less. */
export class Way implements FrameCount {
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

export function createAcsMetadata(): Buffer {
  const audioMetadata = { subscriptionId: 'load', encoding: 'PCM', sampleRate: 16000, channels: 1, length: 640 };
  return createFrame(JSON.stringify({ kind: 'AudioMetadata', audioMetadata }), true);
}

/** `audio`: 20 ms. */
export function createAcsAudio(audio: Buffer): Buffer {
  const data = audio.toString('base64');
  const audioData = { timestamp: '2026-01-15T10:16:12.925Z', participantRawID: '4:+15550100', data, silent: false };
  return createFrame(JSON.stringify({ kind: 'AudioData', audioData }), true);
}
