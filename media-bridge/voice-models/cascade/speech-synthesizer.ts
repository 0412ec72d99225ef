// Azure Speech says one piece of text after another: audio comes as it is made, and stops at once when told to.
import * as sdk from 'microsoft-cognitiveservices-speech-sdk';
import { AppError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/logger.ts';
import { type AudioFormat, bytesPerMs } from '../../audio/audio-format.ts';
import { createSpeechConfig, openConnection, type SpeechAccess, toSpeechError } from './speech-access.ts';

/** A voice begins within a third of a second. After so long another connection is asked, and after as long again another model. */
const firstAudioLimitMs = 3_000;
/** Behind what would have been heard by now if the voice kept step with speech: as long a hole, or as many short ones, is a dead voice. */
const longestLagMs = 2_000;

export interface SpeechSynthesizerOptions {
  readonly access: SpeechAccess;
  readonly format: AudioFormat;
  readonly language: string;
  readonly voice: string;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

interface Mouth {
  readonly synthesizer: sdk.SpeechSynthesizer;
  readonly connection: sdk.Connection;
  readonly connected: Promise<void>;
}

/**
 * Two connections: one speaks, one is kept open. The service has no way to stop that we know to work, so a stopped
 * one is closed and the other goes on without the wait for a new connection.
 */
export class SpeechSynthesizer {
  readonly #options: SpeechSynthesizerOptions;
  #speaking: Mouth;
  #spare: Mouth;
  #current: { readonly settle: (error?: AppError) => void } | undefined;
  #stops = 0;
  #closed = false;

  constructor(options: SpeechSynthesizerOptions) {
    this.#options = options;
    this.#speaking = this.#openMouth();
    this.#spare = this.#openMouth();
  }

  /** Resolves when the service has taken a connection; rejects with an AppError. */
  async open(): Promise<void> {
    try {
      await this.#speaking.connected;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * One piece at a time. `onAudio` gets the audio as it comes; its buffer is its own. Resolves when all of it came or
   * after `stop` or `close`; rejects with an AppError when it cannot be spoken, after a second try if nothing was heard.
   */
  async speak(text: string, onAudio: (audio: Buffer) => void): Promise<void> {
    const stops = this.#stops;
    let heardAny = false;
    const pass = (audio: Buffer) => {
      heardAny = true;
      onAudio(audio);
    };
    const error = await this.#speakOnce(text, pass);
    if (!error || stops !== this.#stops) return;
    if (heardAny || !error.retryable) throw error;
    this.#options.log.info({ code: error.code }, 'speech synthesis is tried again');
    const secondError = await this.#speakOnce(text, pass);
    if (secondError) throw secondError;
  }

  /** What is being spoken ends now; no more of its audio comes. */
  stop(): void {
    this.#stops++;
    this.#current?.settle();
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.stop();
    this.#closeMouth(this.#speaking);
    this.#closeMouth(this.#spare);
  }

  #speakOnce(text: string, onAudio: (audio: Buffer) => void): Promise<AppError | undefined> {
    const { promise, resolve } = Promise.withResolvers<AppError | undefined>();
    if (this.#closed) return Promise.resolve(undefined);
    const { synthesizer } = this.#speaking;
    const { format, language, voice } = this.#options;
    let finished = false;
    const settle = (error?: AppError, inOrder = false) => {
      if (finished) return;
      finished = true;
      clearTimeout(timer);
      this.#current = undefined;
      if (!inOrder) this.#changeMouth();
      resolve(error);
    };
    const giveUp = () =>
      settle(new AppError('MODEL_UNAVAILABLE', 'The voice of Azure Speech came too slowly, or not at all.'));
    let timer = setTimeout(giveUp, firstAudioLimitMs);
    let heardUntilMs: number | undefined;
    this.#current = { settle };
    synthesizer.synthesizing = (_, { result }) => {
      if (finished || result.audioData.byteLength === 0) return;
      const now = performance.now();
      heardUntilMs = (heardUntilMs ?? now) + result.audioData.byteLength / bytesPerMs(format);
      clearTimeout(timer);
      timer = setTimeout(giveUp, Math.max(0, heardUntilMs + longestLagMs - now));
      onAudio(Buffer.from(result.audioData));
    };
    synthesizer.speakSsmlAsync(
      formatSsml(text, language, voice),
      (result) => {
        const done = result.reason === sdk.ResultReason.SynthesizingAudioCompleted;
        settle(done ? undefined : toSpeechError(result.errorDetails), done);
      },
      (details) => settle(toSpeechError(details)),
    );
    return promise;
  }

  #changeMouth(): void {
    if (this.#closed) return;
    this.#closeMouth(this.#speaking);
    this.#speaking = this.#spare;
    this.#spare = this.#openMouth();
  }

  #openMouth(): Mouth {
    const { access, format, voice, signal } = this.#options;
    const config = createSpeechConfig(access, 'synthesis');
    config.speechSynthesisVoiceName = voice;
    config.speechSynthesisOutputFormat = toSdkFormat(format);
    // Without `null` the SDK would play it on this machine's loudspeaker.
    const synthesizer = new sdk.SpeechSynthesizer(config, null);
    const connection = sdk.Connection.fromSynthesizer(synthesizer);
    const connected = openConnection(connection, signal);
    // One that does not connect, or that the service lets go of later, is told of when it is needed: the SDK then
    // connects again by itself.
    connected.catch(() => {});
    return { synthesizer, connection, connected };
  }

  #closeMouth({ synthesizer, connection }: Mouth): void {
    synthesizer.synthesizing = () => {};
    const end = () =>
      synthesizer.close(
        () => {},
        (error) => this.#options.log.debug({ error }, 'speech synthesizer did not close in order'),
      );
    // SDK 1.52 leaves the socket open that was connected ahead and on which nothing was sent yet.
    connection.sendMessageAsync('synthesis.control', '{"action":"stop"}', end, end);
  }
}

export function formatSsml(text: string, language: string, voice: string): string {
  const open = `<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="${escapeXml(language)}">`;
  return `${open}<voice name="${escapeXml(voice)}">${escapeXml(text)}</voice></speak>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** What XML 1.0 cannot hold at all is left out: a chat model may write anything. */
function escapeXml(text: string): string {
  return (
    text
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
      .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, ' ')
      .replace(/[&<>"']/g, (character) => entities[character]!)
  );
}

function toSdkFormat({ encoding, sampleRate }: AudioFormat): sdk.SpeechSynthesisOutputFormat {
  if (encoding === 'mulaw') return sdk.SpeechSynthesisOutputFormat.Raw8Khz8BitMonoMULaw;
  if (sampleRate === 24000) return sdk.SpeechSynthesisOutputFormat.Raw24Khz16BitMonoPcm;
  return sdk.SpeechSynthesisOutputFormat.Raw16Khz16BitMonoPcm;
}
