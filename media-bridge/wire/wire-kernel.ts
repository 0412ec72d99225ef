// Port: what is done to every byte of a message of audio, and the memory in which it is done.
import { maxPayloadBytes } from './frame-header.ts';

/** What vectors take or leave beyond an end. */
const slackBytes = 64;
/** Of `message` and `frame`: a payload of the longest, and a header. */
export const textBytes = maxPayloadBytes + 1 + slackBytes;
/** Of `heard` and `said`. */
export const audioBytes = ((maxPayloadBytes + 1) / 4) * 3 + slackBytes;

/** Its memory is one for all calls: what lies in it means nothing once whoever was told of a message has returned. */
export interface WireKernel {
  /** A message that has come, without its mask. */
  readonly message: Buffer;
  /** The audio of one that has come. */
  readonly heard: Buffer;
  /** Audio that is to go. */
  readonly said: Buffer;
  /** A message that is to go, and what stands before it in its frame. */
  readonly frame: Buffer;
  /** Takes the mask off the first bytes of `message`; more than them may change. */
  unmask(bytes: number, key: number): void;
  /** Puts the mask on a part of `frame`, and perhaps on more behind it. */
  mask(from: number, to: number, key: number): void;
  /** From a part of `message`, and what stands behind it may change, to `heard`. Returns how many bytes that are; -1: it is not base64 through and through. */
  decode(start: number, end: number): number;
  /** The first bytes of `said` to `frame`, from `at` on; more behind them may change. Returns how many letters that are. */
  encode(bytes: number, at: number): number;
}
