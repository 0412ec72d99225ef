// A phone that does what a scenario tells it, at any moment: says a line, presses keys, sings a note, hangs up.
import { type Phone, phoneFrameSamples, phoneSampleRate } from './phone.ts';
import { SampleTape } from './sample-tape.ts';

export interface PuppetPhone extends Phone {
  /** All that was heard since the line was through, at 16 kHz. */
  readonly heard: Int16Array;
  /** Resolves at the first frame that is heard. */
  readonly through: Promise<void>;
  /** Resolves when the line is closed. */
  readonly closed: Promise<void>;
  readonly isClosed: boolean;
  /** After what is being said; at 16 kHz. Resolves when it was said, or the line is closed. */
  say(samples: Int16Array): Promise<void>;
  press(keys: string): void;
  /** Until the line is closed, while nothing is said. */
  sing(hz: number): void;
  hangUp(): void;
}

const peak = 8_000;

export function createPuppetPhone(): PuppetPhone {
  const tape = new SampleTape();
  const lines: { readonly samples: Int16Array; position: number; readonly done: () => void }[] = [];
  const through = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  let keys = '';
  let step: number | undefined;
  let n = 0;
  let hangsUp = false;
  let isClosed = false;
  return {
    through: through.promise,
    closed: closed.promise,
    get isClosed() {
      return isClosed;
    },
    get heard() {
      return tape.samples;
    },
    get hangsUp() {
      return hangsUp;
    },
    speak() {
      const frame = new Int16Array(phoneFrameSamples);
      const line = lines[0];
      if (line) {
        frame.set(line.samples.subarray(line.position, line.position + phoneFrameSamples));
        line.position += phoneFrameSamples;
        if (line.position >= line.samples.length) lines.shift()!.done();
      } else if (step !== undefined) {
        for (let i = 0; i < frame.length; i++) frame[i] = Math.round(peak * Math.sin(step * n++));
      }
      return frame;
    },
    hear(samples) {
      tape.record(samples);
      through.resolve();
    },
    takeKeys() {
      const taken = keys;
      keys = '';
      return taken;
    },
    lineClosed() {
      isClosed = true;
      for (const { done } of lines.splice(0)) done();
      closed.resolve();
    },
    say: (samples) => new Promise((done) => lines.push({ samples, position: 0, done })),
    press(pressed) {
      keys += pressed;
    },
    sing(hz) {
      step = (2 * Math.PI * hz) / phoneSampleRate;
    },
    hangUp() {
      hangsUp = true;
    },
  };
}
