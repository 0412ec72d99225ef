// A phone that sings one note and records what it hears: what proves that no call hears another.
import { type Phone, phoneFrameMs, phoneFrameSamples, phoneSampleRate } from './phone.ts';
import { SampleTape } from './sample-tape.ts';

const silence = new Int16Array(phoneFrameSamples);

export interface TonePhone extends Phone {
  /** All that was heard, at 16 kHz. */
  readonly heard: Int16Array;
  readonly isLineClosed: boolean;
  /** Resolves when the line is closed. */
  readonly closed: Promise<void>;
  hangUp(): void;
}

export interface TonePhoneOptions {
  readonly hz: number;
  /** The peak, 0 to 32767. */
  readonly level?: number;
  /** Lets the agent greet before it sings. */
  readonly silentForMs?: number;
}

export function createTonePhone(options: TonePhoneOptions): TonePhone {
  const step = (2 * Math.PI * options.hz) / phoneSampleRate;
  const peak = options.level ?? 8_000;
  const tape = new SampleTape();
  const frame = new Int16Array(phoneFrameSamples);
  let silentFrames = (options.silentForMs ?? 0) / phoneFrameMs;
  let n = 0;
  let hangsUp = false;
  let isLineClosed = false;
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  return {
    closed,
    speak() {
      if (silentFrames-- > 0) return silence;
      for (let i = 0; i < frame.length; i++) frame[i] = Math.round(peak * Math.sin(step * n++));
      return frame;
    },
    hear: (samples) => tape.record(samples),
    takeKeys: () => '',
    lineClosed() {
      isLineClosed = true;
      close();
    },
    hangUp() {
      hangsUp = true;
    },
    get hangsUp() {
      return hangsUp;
    },
    get heard() {
      return tape.samples;
    },
    get isLineClosed() {
      return isLineClosed;
    },
  };
}
