// What the ends of the load's calls send: a tone; and made once for all calls, a voice that says syllables, and a room in which nobody speaks.
import { createAcsAudio } from './load-call.ts';

const sampleRate = 16_000;
const frameSamples = 320;
const voiceFrames = 100;
const roomFrames = 8;
const syllablesASecond = 4;
const harmonics = 20;

const voices = new Map<number, readonly Buffer[]>();
let room: readonly Buffer[] | undefined;

/** Two seconds, frame by frame. */
export function createCallerVoice(number: number): readonly Buffer[] {
  const known = voices.get(number);
  if (known) return known;
  const pitchHz = 100 + 15 * number;
  const frames = createFrames(voiceFrames, (i) => {
    const seconds = i / sampleRate;
    const loud = 0.05 + Math.max(0, Math.sin(2 * Math.PI * syllablesASecond * seconds));
    let sum = 0;
    for (let k = 1; k <= harmonics; k++) sum += Math.sin(2 * Math.PI * k * pitchHz * seconds) / k;
    return 4_000 * loud * sum + noiseAt(i);
  });
  voices.set(number, frames);
  return frames;
}

export function createQuietRoom(): readonly Buffer[] {
  room ??= createFrames(roomFrames, noiseAt);
  return room;
}

function createFrames(count: number, sampleAt: (index: number) => number): Buffer[] {
  return Array.from({ length: count }, (_, frame) => {
    const bytes = Buffer.alloc(frameSamples * 2);
    for (let i = 0; i < frameSamples; i++) bytes.writeInt16LE(Math.round(sampleAt(frame * frameSamples + i)), i * 2);
    return createAcsAudio(bytes);
  });
}

/** Some 60 dB below the loudest that there is, and the same each time. */
function noiseAt(index: number): number {
  return ((Math.imul(index + 1, 2_654_435_761) >>> 8) % 64) - 32;
}

/** As loud as speech: 16-bit samples, little-endian. */
export function createTone(samples: number, periodSamples: number): Buffer {
  const bytes = Buffer.alloc(samples * 2);
  for (let i = 0; i < samples; i++)
    bytes.writeInt16LE(Math.round(5_000 * Math.sin((2 * Math.PI * i) / periodSamples)), i * 2);
  return bytes;
}
