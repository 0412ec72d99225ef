// The announcements from their recordings, a folder for each language, ready in every format that a carrier's leg may have.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAudioConverter } from './audio/audio-converter.ts';
import { type AudioFormat, mulaw8k, pcm16k } from './audio/audio-format.ts';
import type { Announcement, Announcer } from './call/waiting-sounds.ts';

interface Recording {
  readonly audio: Buffer;
  readonly format: AudioFormat;
}
type Recordings = Readonly<Record<Announcement, Recording>>;

/** Two soft notes, a fifth apart: heard as "still here", not as a fault or an engaged line. */
const holdNotesHz = [440, 660];
/** Falling to the tonic: heard as an end. */
const endNotesHz = [523, 440, 349];
const noteMs = 180;
const peak = 4_000;

export class RecordedAnnouncements {
  readonly #tones: Recordings;
  readonly #spoken: ReadonlyMap<string, Recordings>;
  readonly #ready = new Map<Recording, Map<string, Buffer>>();

  /** The recordings are bare mu-law at 8 kHz: what a telephone carries, and no header to parse. */
  constructor(folder: string) {
    const hold = { audio: createNotes(holdNotesHz), format: pcm16k };
    this.#tones = { hold, 'one-moment': hold, apology: { audio: createNotes(endNotesHz), format: pcm16k } };
    this.#spoken = new Map(
      readdirSync(folder).map((language) => {
        const read = (name: string) => ({
          audio: readFileSync(join(folder, language, `${name}.ulaw`)),
          format: mulaw8k,
        });
        return [language, { hold, 'one-moment': read('one-moment'), apology: read('apology') }];
      }),
    );
  }

  /** `language`: BCP 47. Whoever speaks one that was not recorded hears notes, and no words of another one. */
  createAnnouncer(language: string): Announcer {
    const recordings = this.#spoken.get(language.split(/[-_]/)[0]!.toLowerCase()) ?? this.#tones;
    return { getAudio: (announcement, format) => this.#convert(recordings[announcement], format) };
  }

  #convert(recording: Recording, format: AudioFormat): Buffer {
    const key = `${format.encoding} ${format.sampleRate}`;
    const formats = this.#ready.get(recording) ?? new Map<string, Buffer>();
    this.#ready.set(recording, formats);
    const ready =
      formats.get(key) ?? Buffer.from(createAudioConverter(recording.format, format).convert(recording.audio));
    formats.set(key, ready);
    return ready;
  }
}

function createNotes(notesHz: readonly number[]): Buffer {
  const noteSamples = (pcm16k.sampleRate / 1000) * noteMs;
  const samples = new Int16Array(noteSamples * notesHz.length);
  notesHz.forEach((hz, note) => {
    for (let i = 0; i < noteSamples; i++) {
      // A raised cosine: a note that starts or ends at once clicks.
      const envelope = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / noteSamples);
      samples[note * noteSamples + i] = peak * envelope * Math.sin((2 * Math.PI * hz * i) / pcm16k.sampleRate);
    }
  });
  return Buffer.from(samples.buffer);
}
