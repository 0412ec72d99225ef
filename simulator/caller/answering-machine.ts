// An answering machine: picks up, plays its greeting, beeps, records what it is told, and hangs up when it has heard enough.
import { createTone } from '../voice/tone.ts';
import { level } from './agent-ear.ts';
import { type Phone, phoneFrameSamples, phoneSampleRate } from './phone.ts';
import { SampleTape } from './sample-tape.ts';

export interface AnsweringMachineOptions {
  /** At 16 kHz. */
  readonly greeting: Int16Array;
  /** 0: it records without a beep. */
  readonly beepMs?: number;
  readonly beepHz?: number;
  /** From the last word to the beep. */
  readonly pauseMs?: number;
  /** It hangs up then, whoever is still talking. */
  readonly recordsForMs?: number;
}

export interface AnsweringMachineReport {
  /** All from the moment it picked up, at 16 kHz. */
  readonly heard: Int16Array;
  readonly said: Int16Array;
  /** From the end of the beep (or of the greeting, if it does not beep) on. */
  readonly recording: Int16Array;
  /** From the beginning of the recording to the first sound in it; undefined if there is none. */
  readonly firstSoundMs: number | undefined;
}

export interface AnsweringMachine extends Phone {
  /** Resolves when the line is closed. */
  readonly done: Promise<AnsweringMachineReport>;
}

/** Between the line's being through and the first word. */
const pickUpMs = 500;
const samplesPerMs = phoneSampleRate / 1000;
/** As for whoever listens to an agent: speech lies above, a codec's silence below. */
const soundLevel = 150;

export function createAnsweringMachine(options: AnsweringMachineOptions): AnsweringMachine {
  const { greeting, beepMs = 500, beepHz = 1000, pauseMs = 800, recordsForMs = 30_000 } = options;
  const tape = new SampleTape();
  const announcement = createAnnouncement(greeting, pauseMs, createTone(beepHz, beepMs, phoneSampleRate));
  const { promise: done, resolve } = Promise.withResolvers<AnsweringMachineReport>();
  let spoken = 0;
  let heard = 0;
  return {
    done,
    speak() {
      const frame = new Int16Array(phoneFrameSamples);
      frame.set(announcement.subarray(spoken, spoken + phoneFrameSamples));
      spoken += phoneFrameSamples;
      return frame;
    },
    hear(samples) {
      tape.record(samples);
      heard += samples.length;
    },
    takeKeys: () => '',
    get hangsUp() {
      return heard >= announcement.length + recordsForMs * samplesPerMs;
    },
    lineClosed() {
      const { samples } = tape;
      const recording = samples.subarray(announcement.length);
      resolve({ heard: samples, said: announcement, recording, firstSoundMs: findFirstSoundMs(recording) });
    },
  };
}

function createAnnouncement(greeting: Int16Array, pauseMs: number, beep: Int16Array): Int16Array {
  const beepAt = pickUpMs * samplesPerMs + greeting.length + (beep.length > 0 ? pauseMs * samplesPerMs : 0);
  const announcement = new Int16Array(beepAt + beep.length);
  announcement.set(greeting, pickUpMs * samplesPerMs);
  announcement.set(beep, beepAt);
  return announcement;
}

function findFirstSoundMs(samples: Int16Array): number | undefined {
  for (let at = 0; at < samples.length; at += phoneFrameSamples)
    if (level(samples.subarray(at, at + phoneFrameSamples)) >= soundLevel) return at / samplesPerMs;
  return undefined;
}
