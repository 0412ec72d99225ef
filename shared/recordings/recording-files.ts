// Port: the files of calls that were recorded, kept until they are too old or somebody wants them gone.
import type { Readable } from 'node:stream';
import type { CallId } from '../call/call.ts';

/** From the first byte to the last, both counted. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface OpenFile {
  readonly content: Readable;
  /** Of the whole file. */
  readonly bytes: number;
}

/** Each method rejects with STORE_UNAVAILABLE. */
export interface RecordingFiles {
  /** Takes the place of a file of that name. Nothing is kept of content that breaks off. Resolves to its length in bytes. */
  save(name: string, content: Readable): Promise<number>;
  /** Undefined where there is no such file. A range that reaches over the end ends there. */
  open(name: string, range?: ByteRange): Promise<OpenFile | undefined>;
  /** All files of a call. Resolves to how many there were. */
  remove(callId: CallId): Promise<number>;
}

export function audioName(callId: CallId, part: number): string {
  return `${callId}/${part}.wav`;
}

export function peaksName(callId: CallId): string {
  return `${callId}/peaks.json`;
}
