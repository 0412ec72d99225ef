// One simulated recognition: a socket's audio in, what was heard in it out, in the service's own messages.
import { z } from 'zod';
import { type AudioFormat, decodeAudio } from '../voice/audio-format.ts';
import type { PhraseSampleRate } from '../voice/phrase-book.ts';
import type { ActivityDetector, ServiceEar } from '../voice/service-ear.ts';
import { VoiceActivity } from '../voice/voice-activity.ts';
import { guessAfterMs, type Hearing } from './hearing.ts';
import { BadSpeechFrame, parseJsonBody, type SpeechFrame, toTicks } from './speech-frames.ts';

/** Before the voice was noticed it already spoke; what is silent is kept no longer. */
const leadMs = 400;
/** The service ends a phrase by force. */
const longestPhraseMs = 30_000;

const contextSchema = z.looseObject({
  phraseDetection: z.looseObject({
    language: z.string().optional(),
    mode: z.enum(['Conversation', 'Interactive', 'Dictation']),
    conversation: z
      .looseObject({
        segmentation: z.looseObject({
          mode: z.enum(['Normal', 'Custom', 'Semantic']),
          segmentationSilenceTimeoutMs: z.number().optional(),
        }),
      })
      .optional(),
  }),
  languageId: z.looseObject({ languages: z.array(z.string()).min(1) }).optional(),
  dgi: z
    .looseObject({ groups: z.array(z.looseObject({ items: z.array(z.looseObject({ text: z.string() })) })) })
    .optional(),
});

export interface RecognitionOptions {
  readonly hearing: Hearing;
  /** In place of `hearing` and of the energy of a voice. */
  readonly ear?: ServiceEar | undefined;
  /** Silence that ends a phrase unless the client says how much. */
  readonly silenceMs: number;
  /** From the end of that silence to the phrase. */
  readonly phraseDelayMs: number;
  send(path: string, requestId: string, body: object): void;
  onPhrase(text: string | undefined): void;
}

export class RecognitionSession {
  readonly #options: RecognitionOptions;
  #language = 'en-US';
  #silenceMs: number;
  #format: AudioFormat | undefined;
  #activity: ActivityDetector | undefined;
  #requestId = '';
  /** What may still be part of a phrase; `#at` is where on the session's timeline it begins. */
  #samples = new Int16Array(0);
  #atMs = 0;
  #startedAtMs: number | undefined;
  #guesses = 0;
  #guessed: string | undefined;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(options: RecognitionOptions) {
    this.#options = options;
    this.#silenceMs = options.silenceMs;
  }

  /** Throws BadSpeechFrame. */
  receive(frame: SpeechFrame): void {
    switch (frame.path) {
      case 'speech.config':
      case 'telemetry':
        return;
      case 'speech.context':
        this.#readContext(frame);
        return;
      case 'audio':
        this.#readAudio(frame);
        return;
      default:
        throw new BadSpeechFrame(`unknown path ${frame.path}`);
    }
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #readContext(frame: SpeechFrame): void {
    const context = contextSchema.safeParse(parseJsonBody(frame));
    if (!context.success) throw new BadSpeechFrame('bad speech.context');
    const { phraseDetection, languageId } = context.data;
    this.#requestId = frame.requestId;
    this.#language = languageId?.languages[0] ?? phraseDetection.language ?? 'en-US';
    const timeoutMs = phraseDetection.conversation?.segmentation.segmentationSilenceTimeoutMs;
    this.#silenceMs = timeoutMs ?? this.#options.silenceMs;
  }

  #readAudio({ headers, body, requestId }: SpeechFrame): void {
    if (requestId !== this.#requestId) throw new BadSpeechFrame('audio before its speech.context');
    if (headers.get('content-type') === 'audio/x-wav') this.#begin(body);
    else if (body.length === 0) this.#end();
    else this.#hear(body);
  }

  #hear(audio: Buffer): void {
    if (!this.#format || !this.#activity) throw new BadSpeechFrame('audio before its RIFF header');
    const samples = decodeAudio(audio, this.#format);
    this.#samples = join(this.#samples, samples);
    for (const change of this.#activity.push(samples)) {
      if (change.type === 'started') {
        this.#startedAtMs = Math.max(change.atMs, this.#atMs);
        this.#guesses = 0;
        this.#guessed = undefined;
        this.#send('speech.startDetected', { Offset: toTicks(this.#startedAtMs) });
      } else this.#finishPhrase(change.atMs);
    }
    this.#guess();
    this.#forget();
  }

  #begin(riff: Buffer): void {
    const format = parseRiff(riff);
    if (!format) throw new BadSpeechFrame('no RIFF header we know');
    this.#format = format;
    const settings = { sampleRate: format.sampleRate, silenceMs: this.#silenceMs };
    this.#activity = this.#options.ear?.createDetector(settings) ?? new VoiceActivity(settings);
    this.#samples = new Int16Array(0);
    this.#atMs = 0;
    this.#startedAtMs = undefined;
    this.#send('turn.start', { context: { serviceTag: this.#requestId } });
  }

  get #sampleRate(): PhraseSampleRate {
    return this.#format?.sampleRate ?? 16000;
  }

  get #samplesPerMs(): number {
    return this.#sampleRate / 1000;
  }

  get #nowMs(): number {
    return this.#atMs + this.#samples.length / this.#samplesPerMs;
  }

  #guess(): void {
    const startedAtMs = this.#startedAtMs;
    const { ear } = this.#options;
    if (ear) {
      const words = ear.wordsSoFar;
      if (startedAtMs === undefined || words === undefined || words === this.#guessed) return;
      this.#guessed = words;
      this.#tellGuess(formatLexical(words), startedAtMs, this.#nowMs - startedAtMs);
      return;
    }
    const afterMs = guessAfterMs[this.#guesses];
    if (startedAtMs === undefined || afterMs === undefined || this.#nowMs < startedAtMs + afterMs) return;
    this.#guesses++;
    const words = this.#options.hearing.findWords(
      this.#cut(startedAtMs, startedAtMs + afterMs),
      this.#sampleRate,
      afterMs,
    );
    if (words) this.#tellGuess(words, startedAtMs, afterMs);
  }

  #tellGuess(words: string, startedAtMs: number, afterMs: number): void {
    this.#send('speech.hypothesis', {
      Id: this.#requestId,
      Text: words,
      Offset: toTicks(startedAtMs),
      Duration: toTicks(afterMs),
      Channel: 0,
      PrimaryLanguage: { Language: this.#language, Confidence: 'Unknown' },
    });
  }

  #forget(): void {
    const nowMs = this.#nowMs;
    if (this.#startedAtMs !== undefined && nowMs - this.#startedAtMs > longestPhraseMs) this.#finishPhrase(nowMs);
    if (this.#startedAtMs === undefined) this.#dropBefore(nowMs - leadMs);
  }

  #finishPhrase(endMs: number): void {
    const startedAtMs = this.#startedAtMs;
    if (startedAtMs === undefined) return;
    this.#startedAtMs = undefined;
    const { hearing, ear } = this.#options;
    const samples = this.#cut(startedAtMs - leadMs, endMs);
    const text = ear ? ear.hear(samples, this.#sampleRate)?.phrase : hearing.findPhrase(samples, this.#sampleRate);
    this.#dropBefore(endMs);
    const times = { Offset: toTicks(startedAtMs), Duration: toTicks(endMs - startedAtMs) };
    this.#later(() => {
      this.#options.onPhrase(text);
      if (text === undefined)
        this.#send('speech.phrase', { Id: this.#requestId, RecognitionStatus: 'NoMatch', ...times });
      else this.#send('speech.phrase', formatPhrase(this.#requestId, text, this.#language, times));
    });
  }

  #end(): void {
    const endMs = this.#nowMs;
    this.#finishPhrase(endMs);
    this.#later(() => {
      this.#send('speech.endDetected', { Offset: toTicks(endMs) });
      this.#send('speech.phrase', { RecognitionStatus: 'EndOfDictation', Offset: toTicks(endMs), Duration: 0 });
      this.#send('turn.end', {});
    });
  }

  #cut(fromMs: number, toMs: number): Int16Array {
    const index = (ms: number) => Math.max(0, Math.round((ms - this.#atMs) * this.#samplesPerMs));
    return this.#samples.slice(index(fromMs), index(toMs));
  }

  #dropBefore(ms: number): void {
    const count = Math.round((ms - this.#atMs) * this.#samplesPerMs);
    if (count <= 0) return;
    this.#samples = this.#samples.slice(count);
    this.#atMs += count / this.#samplesPerMs;
  }

  #send(path: string, body: object): void {
    this.#options.send(path, this.#requestId, body);
  }

  /** In order: every one waits equally long. */
  #later(act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, this.#options.phraseDelayMs);
    this.#timers.add(timer);
  }
}

function formatPhrase(id: string, text: string, language: string, times: { Offset: number; Duration: number }): object {
  const lexical = formatLexical(text);
  return {
    Id: id,
    RecognitionStatus: 'Success',
    ...times,
    DisplayText: text,
    Channel: 0,
    PrimaryLanguage: { Language: language, Confidence: 'High' },
    NBest: [{ Confidence: 0.93, Lexical: lexical, ITN: lexical, MaskedITN: lexical, Display: text }],
  };
}

function formatLexical(text: string): string {
  return text.toLowerCase().replace(/[.,!?;:]/g, '');
}

/** 44 bytes; the tags 1 (PCM) and 7 (mu-law), one channel. */
function parseRiff(riff: Buffer): AudioFormat | undefined {
  if (riff.length !== 44 || riff.toString('latin1', 0, 4) !== 'RIFF' || riff.readUInt16LE(22) !== 1) return undefined;
  const tag = riff.readUInt16LE(20);
  const sampleRate = ([8000, 16000, 24000] as const).find((hz) => hz === riff.readUInt32LE(24));
  const bits = riff.readUInt16LE(34);
  const isKnown = (tag === 1 && bits === 16) || (tag === 7 && bits === 8);
  return isKnown && sampleRate ? { encoding: tag === 7 ? 'mulaw' : 'pcm16', sampleRate } : undefined;
}

function join(a: Int16Array, b: Int16Array): Int16Array<ArrayBuffer> {
  const joined = new Int16Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
