// The announcements from their recordings, ready in every format that a carrier's leg may have.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAudioConverter } from './audio/audio-converter.ts';
import { type AudioFormat, mulaw8k, pcm16k } from './audio/audio-format.ts';
import type { Announcement, Announcer } from './call/announcer.ts';

/** Two soft notes, a fifth apart: heard as "still here", not as a fault or an engaged line. */
const holdNotesHz = [440, 660];
const holdNoteMs = 180;
const holdPeak = 4_000;

export class RecordedAnnouncer implements Announcer {
  readonly #recordings: Readonly<Record<Announcement, { audio: Buffer; format: AudioFormat }>>;
  readonly #ready = new Map<string, Buffer>();

  /** The recordings are bare mu-law at 8 kHz: what a telephone carries, and no header to parse. */
  constructor(folder: string) {
    const read = (name: string) => ({ audio: readFileSync(join(folder, `${name}.ulaw`)), format: mulaw8k });
    this.#recordings = {
      'one-moment': read('one-moment'),
      apology: read('apology'),
      hold: { audio: createHoldTone(), format: pcm16k },
    };
  }

  getAudio(announcement: Announcement, format: AudioFormat): Buffer {
    const key = `${announcement} ${format.encoding} ${format.sampleRate}`;
    const ready = this.#ready.get(key);
    if (ready) return ready;
    const recording = this.#recordings[announcement];
    const audio = Buffer.from(createAudioConverter(recording.format, format).convert(recording.audio));
    this.#ready.set(key, audio);
    return audio;
  }
}

function createHoldTone(): Buffer {
  const noteSamples = (pcm16k.sampleRate / 1000) * holdNoteMs;
  const samples = new Int16Array(noteSamples * holdNotesHz.length);
  holdNotesHz.forEach((hz, note) => {
    for (let i = 0; i < noteSamples; i++) {
      // A raised cosine: a note that starts or ends at once clicks.
      const envelope = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / noteSamples);
      samples[note * noteSamples + i] = holdPeak * envelope * Math.sin((2 * Math.PI * hz * i) / pcm16k.sampleRate);
    }
  });
  return Buffer.from(samples.buffer);
}
