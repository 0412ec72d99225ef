// One simulated synthesis socket: SSML or pieces of text in, audio and the times of its words out, faster than it plays.
import { z } from 'zod';
import { type AudioFormat, bytesPerMs, encodeAudio, mulaw8k, pcm16k, pcm24k } from '../voice/audio-format.ts';
import { resample } from '../voice/resample.ts';
import { agentVoice, type Speak, speechSampleRate } from '../voice/speech.ts';
import type { SpeechFaults } from './speech-faults.ts';
import { BadSpeechFrame, formatAudioFrame, parseJsonBody, type SpeechFrame, toTicks } from './speech-frames.ts';

const formats: Readonly<Record<string, AudioFormat>> = {
  'raw-8khz-8bit-mono-mulaw': mulaw8k,
  'raw-16khz-16bit-mono-pcm': pcm16k,
  'raw-24khz-16bit-mono-pcm': pcm24k,
};
/** The service refuses more (64 KB of SSML a turn). */
const maxTextBytes = 65_536;
/** Audio comes in pieces of this length, two at once and the rest at this many times its speed. */
const frameMs = 100;
const burstFrames = 2;
const speed = 5;

const contextSchema = z.looseObject({
  synthesis: z.looseObject({
    audio: z.looseObject({
      outputFormat: z.string(),
      metadataOptions: z.looseObject({ wordBoundaryEnabled: z.union([z.boolean(), z.string()]).optional() }),
    }),
    input: z.looseObject({ bidirectionalStreamingMode: z.literal(true), voiceName: z.string() }).optional(),
  }),
});

export interface SynthesisOptions {
  readonly speak: Speak;
  /** From the end of the text to its first audio, on top of the time that rendering takes. */
  readonly firstAudioMs: number;
  readonly faults: SpeechFaults;
  send(path: string, requestId: string, body: object): void;
  sendAudio(frame: Buffer): void;
  /** The voice failed: the service closes with 1011. */
  fail(): void;
  onSpoken(text: string): void;
}

interface Turn {
  readonly requestId: string;
  readonly format: AudioFormat;
  readonly hasWordBoundaries: boolean;
  readonly isStreamed: boolean;
  text: string;
  timer: NodeJS.Timeout | undefined;
}

export class SynthesisSession {
  readonly #options: SynthesisOptions;
  #turn: Turn | undefined;

  constructor(options: SynthesisOptions) {
    this.#options = options;
  }

  /** Throws BadSpeechFrame. */
  receive(frame: SpeechFrame): void {
    switch (frame.path) {
      case 'speech.config':
        return;
      case 'synthesis.context':
        this.#begin(frame);
        return;
      case 'ssml':
        this.#readSsml(frame);
        return;
      case 'text.piece':
      case 'text.end':
        this.#readPiece(frame);
        return;
      case 'synthesis.control':
        if (this.#turn) this.#end(this.#turn);
        return;
      default:
        throw new BadSpeechFrame(`unknown path ${frame.path}`);
    }
  }

  close(): void {
    clearTimeout(this.#turn?.timer);
    this.#turn = undefined;
  }

  #begin(frame: SpeechFrame): void {
    const { requestId } = frame;
    const context = contextSchema.safeParse(parseJsonBody(frame));
    if (!context.success) throw new BadSpeechFrame('bad synthesis.context');
    const { audio, input } = context.data.synthesis;
    const format = formats[audio.outputFormat];
    if (!format) throw new BadSpeechFrame(`unsupported outputFormat ${audio.outputFormat}`);
    const hasWordBoundaries = String(audio.metadataOptions.wordBoundaryEnabled) === 'true';
    clearTimeout(this.#turn?.timer);
    this.#turn = { requestId, format, hasWordBoundaries, isStreamed: input !== undefined, text: '', timer: undefined };
    if (input) this.#send(this.#turn, 'turn.start', { context: { serviceTag: requestId } });
  }

  #readSsml({ requestId, body }: SpeechFrame): void {
    const turn = this.#turn;
    const text = parseSsml(body.toString());
    if (!turn || turn.requestId !== requestId || turn.isStreamed) throw new BadSpeechFrame('ssml without its context');
    if (text === undefined || body.length > maxTextBytes) throw new BadSpeechFrame('bad SSML');
    turn.text = text;
    this.#send(turn, 'turn.start', { context: { serviceTag: requestId } });
    this.#speak(turn);
  }

  #readPiece({ requestId, path, body }: SpeechFrame): void {
    const turn = this.#turn;
    if (!turn || turn.requestId !== requestId || !turn.isStreamed) throw new BadSpeechFrame('text without its context');
    turn.text += body.toString();
    if (turn.text.length > maxTextBytes) throw new BadSpeechFrame('too much text');
    if (path === 'text.end') this.#speak(turn);
  }

  #speak(turn: Turn): void {
    this.#options.onSpoken(turn.text);
    this.#options.speak(turn.text, agentVoice).then(
      (samples) => {
        const audio = encodeAudio(resample(samples, speechSampleRate, turn.format.sampleRate), turn.format);
        turn.timer = setTimeout(() => this.#stream(turn, audio), this.#options.firstAudioMs);
      },
      () => this.#options.fail(),
    );
  }

  #stream(turn: Turn, audio: Buffer): void {
    const streamId = turn.requestId.slice(0, 16);
    this.#send(turn, 'response', { context: { serviceTag: turn.requestId }, audio: { type: 'inline', streamId } });
    if (turn.hasWordBoundaries) this.#sendWords(turn, audio.length / bytesPerMs(turn.format));
    const { trickle } = this.#options.faults;
    const size = bytesPerMs(turn.format) * (trickle?.pieceMs ?? frameMs);
    const step = (from: number): void => {
      if (this.#turn !== turn) return;
      const frames = from === 0 && !trickle ? burstFrames : 1;
      for (let i = 0, at = from; i < frames && at < audio.length; i++, at += size)
        this.#options.sendAudio(formatAudioFrame(turn.requestId, streamId, audio.subarray(at, at + size)));
      const next = from + frames * size;
      if (next >= audio.length) this.#end(turn);
      else turn.timer = setTimeout(step, trickle?.everyMs ?? frameMs / speed, next);
    };
    step(0);
  }

  /** Words take their share of the time by their length. */
  #sendWords(turn: Turn, totalMs: number): void {
    const share = totalMs / Math.max(1, turn.text.length);
    for (const match of turn.text.matchAll(/\S+/g)) {
      const [word] = match;
      const Data = {
        Offset: toTicks(match.index * share),
        Duration: toTicks(word.length * share),
        text: { Text: word, Length: word.length, BoundaryType: 'WordBoundary' },
      };
      this.#send(turn, 'audio.metadata', { Metadata: [{ Type: 'WordBoundary', Data }] });
    }
  }

  #end(turn: Turn): void {
    clearTimeout(turn.timer);
    if (this.#turn !== turn) return;
    this.#send(turn, 'turn.end', {});
    this.#turn = undefined;
  }

  #send(turn: Turn, path: string, body: object): void {
    if (this.#turn === turn) this.#options.send(path, turn.requestId, body);
  }
}

/** The words of one speak element with one voice in it; undefined if it is not well formed. */
function parseSsml(ssml: string): string | undefined {
  const match = /^<speak [^<>]*xmlns="[^"<>]+"[^<>]*>\s*<voice name="[^"<>]+">([\s\S]*)<\/voice>\s*<\/speak>$/.exec(
    ssml.trim(),
  );
  if (!match) return undefined;
  const text = match[1]!.replace(/<\/?[a-z][^<>]*>/g, ' ');
  if (/[<>]|&(?!(amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);)/i.test(text)) return undefined;
  const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => entities[name]!);
}
