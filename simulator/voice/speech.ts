// The voice of simulated callers and models: text to 16 kHz speech, offline, the same samples for the same text every time.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../shared/errors.ts';
import type { SpeechRequest, SpeechResponse } from './speech-worker.ts';
import { formatWav, parseWav } from './wav.ts';

export const speechSampleRate = 16000;
/** Heard apart by ear: slt (a woman) is the voice of callers, rms (a man) that of agents. */
export const callerVoice = 'slt';
export const agentVoice = 'rms';
const voices = ['slt', 'rms', 'awb', 'kal16'] as const;
export type VoiceName = (typeof voices)[number];

/** What is kept in memory: 200 sentences of 4 s are 26 MB. */
const maxCachedSentences = 200;
/** The engine takes the text as a command line argument; a minute of speech is about 1,000 characters. */
const maxTextChars = 4000;

/** How a voice speaks otherwise than by itself. */
export interface Manner {
  /** Of the mean; what a voice makes of it depends on the voice. */
  readonly pitchHz?: number | undefined;
  /** 1.1: a tenth slower. */
  readonly stretch?: number | undefined;
}

/** The samples are shared by everybody who asks for the same text: copy them to change them. */
export type Speak = (text: string, voice?: VoiceName, manner?: Manner) => Promise<Int16Array>;

export interface SpeechOptions {
  /** Rendered speech is kept here as WAV files, so that later runs need not render it. */
  readonly cacheFolder?: string | undefined;
}

/** What was said is kept by its voice and words; the oldest first. */
type Sentences = Map<string, Promise<Int16Array>>;

/** Of each folder: many worlds in one process read a sentence once, and learn once how it sounds. */
const sentencesOf = new Map<string, Sentences>();

interface Job {
  readonly resolve: (wav: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

export class SpeechEngine {
  readonly #cacheFolder: string | undefined;
  readonly #cache: Sentences;
  readonly #jobs = new Map<number, Job>();
  #worker: Worker | undefined;
  #lastId = 0;
  #closed = false;

  constructor({ cacheFolder }: SpeechOptions = {}) {
    this.#cacheFolder = cacheFolder;
    this.#cache = findSentences(cacheFolder);
  }

  /** Rejects for a voice it has not, a text beyond 4,000 characters, and after close. No text, no samples. */
  readonly speak: Speak = (text, voice = callerVoice, manner = {}) => {
    const words = text.replace(/\s+/g, ' ').trim();
    if (this.#closed) return Promise.reject(new AppError('BAD_REQUEST', 'The speech engine is closed.'));
    if (!voices.includes(voice)) {
      return Promise.reject(new AppError('BAD_REQUEST', `No voice ${voice}: there are ${voices.join(', ')}.`));
    }
    if (words.length > maxTextChars) {
      return Promise.reject(new AppError('BAD_REQUEST', `A text to speak has at most ${maxTextChars} characters.`));
    }
    if (words === '') return Promise.resolve(new Int16Array(0));

    const flags = createFlags(manner);
    const key = [voice, ...flags, words].join('|');
    const cached = this.#cache.get(key);
    this.#cache.delete(key);
    const speech = cached ?? this.#load(key, { text: words, voice, flags });
    this.#cache.set(key, speech);
    if (!cached) speech.catch(() => this.#cache.delete(key));
    if (this.#cache.size > maxCachedSentences) this.#cache.delete(this.#cache.keys().next().value!);
    return speech;
  };

  /** What is kept in memory of what was said. */
  forget(): void {
    this.#cache.clear();
  }

  /** Idempotent. What is being rendered is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#fail(new AppError('BAD_REQUEST', 'The speech engine was closed.'));
    await worker?.terminate();
  }

  async #load(key: string, wanted: Omit<SpeechRequest, 'id'>): Promise<Int16Array> {
    if (!this.#cacheFolder) return parseWav(await this.#render(wanted)).samples;
    const name = createHash('sha256').update(`flite 0.1.1|${key}`).digest('hex').slice(0, 32);
    const file = join(this.#cacheFolder, `${name}.wav`);
    const kept = await readFile(file).then(
      (wav) => parseWav(wav).samples,
      () => undefined,
    );
    if (kept) return kept;

    const { samples } = parseWav(await this.#render(wanted));
    // Written aside and renamed: two processes may render the same sentence at once. No random name: what a cache lacks must not
    // shift what is drawn after it.
    const draft = `${file}.${process.pid}.${this.#lastId}`;
    await mkdir(this.#cacheFolder, { recursive: true });
    await writeFile(draft, formatWav(samples, speechSampleRate));
    await rename(draft, file);
    return samples;
  }

  #render(wanted: Omit<SpeechRequest, 'id'>): Promise<Uint8Array> {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    if (this.#closed) return Promise.reject(new AppError('BAD_REQUEST', 'The speech engine is closed.'));
    const worker = (this.#worker ??= this.#startWorker());
    const id = ++this.#lastId;
    this.#jobs.set(id, { resolve, reject });
    worker.ref();
    worker.postMessage({ id, ...wanted } satisfies SpeechRequest);
    return promise;
  }

  #startWorker(): Worker {
    // node:wasi prints an experimental warning on import; the engine is only ever fed our own module.
    const worker = new Worker(new URL('./speech-worker.ts', import.meta.url), {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    worker.on('message', (response: SpeechResponse) => {
      const job = this.#jobs.get(response.id);
      this.#jobs.delete(response.id);
      // An idle engine keeps no process alive.
      if (this.#jobs.size === 0) worker.unref();
      if ('error' in response) job?.reject(new AppError('TOOL_FAILED', `Speech failed: ${response.error}`));
      else job?.resolve(response.wav);
    });
    worker.on('error', (cause) => this.#fail(new AppError('TOOL_FAILED', 'The speech worker failed.', { cause })));
    worker.on('exit', () => this.#fail(new AppError('TOOL_FAILED', 'The speech worker ended.')));
    return worker;
  }

  #fail(error: AppError): void {
    this.#worker = undefined;
    for (const job of this.#jobs.values()) job.reject(error);
    this.#jobs.clear();
  }
}

function findSentences(folder: string | undefined): Sentences {
  if (folder === undefined) return new Map();
  let sentences = sentencesOf.get(folder);
  if (!sentences) sentencesOf.set(folder, (sentences = new Map()));
  return sentences;
}

/** As the engine takes them. */
function createFlags({ pitchHz, stretch }: Manner): string[] {
  return [
    ...(pitchHz === undefined ? [] : [`int_f0_target_mean=${pitchHz}`]),
    ...(stretch === undefined ? [] : [`duration_stretch=${stretch}`]),
  ];
}

/** Starts no thread until something is spoken. Close it. */
export function openSpeech(options: SpeechOptions = {}): SpeechEngine {
  return new SpeechEngine(options);
}
