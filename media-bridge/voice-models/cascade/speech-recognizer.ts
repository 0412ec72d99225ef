// Azure Speech listens to one caller: audio in, guesses and whole phrases out, until it is closed.
import * as sdk from 'microsoft-cognitiveservices-speech-sdk';
import { AppError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/logger.ts';
import { type AudioFormat, bytesPerMs, isSameFormat, mulaw8k, pcm16k } from '../../audio/audio-format.ts';
import { VoiceDetector } from '../../audio/voice-detector.ts';
import { RecognitionWatch } from './recognition-watch.ts';
import { callSdk, createSpeechConfig, openConnection, type SpeechAccess, toSpeechError } from './speech-access.ts';
import { breakConnection } from './speech-sdk-internals.ts';

/** The SDK connects anew by itself and keeps the audio meanwhile; longer than this, and the caller waits in vain. */
const reconnectTimeoutMs = 5_000;
/** Longer pauses are the end of what was said. */
const voicePauseMs = 600;

export type RecognizerEvent =
  /** The words so far, not sure yet. `agoMs`: since the first of them began. */
  | { type: 'hypothesis'; text: string; agoMs: number }
  | { type: 'final'; text: string; agoMs: number }
  /** There was sound but no words in it. */
  | { type: 'nothing' }
  /** Somebody spoke, for more than a second, and no word was recognised. `agoMs`: since they began. */
  | { type: 'unheard'; agoMs: number }
  /** Comes once, last; not after `close()`. */
  | { type: 'closed'; error: AppError };

export interface SpeechRecognizerOptions {
  readonly access: SpeechAccess;
  /** pcm16k or mulaw8k. */
  readonly format: AudioFormat;
  /** More than one: the service finds out which is spoken, phrase by phrase, and answers a little later. */
  readonly languages: readonly [string, ...string[]];
  /** Words to favour. */
  readonly phrases: readonly string[];
  readonly log: Logger;
  readonly onEvent: (event: RecognizerEvent) => void;
}

export class SpeechRecognizer {
  readonly #stream: sdk.PushAudioInputStream;
  readonly #recognizer: sdk.SpeechRecognizer;
  readonly #connection: sdk.Connection;
  readonly #log: Logger;
  readonly #onEvent: (event: RecognizerEvent) => void;
  readonly #bytesPerMs: number;
  #sentMs = 0;
  /** Of a new connection nothing is owed before it gets audio. */
  #awaitsSign = false;
  readonly #voice: VoiceDetector;
  readonly #watch: RecognitionWatch;
  #connectionId = '';
  #reconnectTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: SpeechRecognizerOptions) {
    this.#log = options.log;
    this.#onEvent = options.onEvent;
    this.#bytesPerMs = bytesPerMs(options.format);
    this.#voice = new VoiceDetector({ format: options.format, pauseMs: voicePauseMs });
    this.#watch = new RecognitionWatch({
      onSilent: () => this.#reconnect(),
      onGone: () =>
        this.#fail(new AppError('MODEL_UNAVAILABLE', 'Azure Speech listens and tells nothing of what it hears.')),
      onUnheard: (agoMs) => this.#tell({ type: 'unheard', agoMs }),
    });
    this.#stream = sdk.AudioInputStream.createPushStream(toSdkFormat(options.format));
    this.#recognizer = createRecognizer(options, sdk.AudioConfig.fromStreamInput(this.#stream));
    this.#connection = sdk.Connection.fromRecognizer(this.#recognizer);
    this.#recognizer.recognizing = (_, { result }) =>
      this.#tell({ type: 'hypothesis', text: result.text ?? '', agoMs: this.#sinceMs(result.offset) });
    this.#recognizer.recognized = (_, { result }) => {
      const isPhrase = result.reason === sdk.ResultReason.RecognizedSpeech && result.text;
      this.#tell(
        isPhrase ? { type: 'final', text: result.text, agoMs: this.#sinceMs(result.offset) } : { type: 'nothing' },
      );
    };
    this.#recognizer.canceled = (_, event) => this.#fail(toSpeechError(event.errorDetails));
    this.#connection.disconnected = () => this.#watchReconnect();
    this.#connection.connected = ({ sessionId }) => {
      clearTimeout(this.#reconnectTimer);
      this.#connectionId = sessionId;
      this.#awaitsSign = true;
    };
    this.#connection.messageReceived = ({ message }) => {
      this.#awaitsSign = false;
      this.#watch.receive(message.path.startsWith('speech.'));
    };
  }

  /** Resolves when the service has taken the connection; rejects with an AppError. */
  async open(signal: AbortSignal): Promise<void> {
    try {
      await openConnection(this.#connection, signal);
      await callSdk((resolve, reject) => this.#recognizer.startContinuousRecognitionAsync(resolve, reject), signal);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Any length; copied. */
  sendAudio(audio: Buffer): void {
    if (this.#closed) return;
    this.#sentMs += audio.length / this.#bytesPerMs;
    const copy = new Uint8Array(audio.length);
    copy.set(audio);
    this.#stream.write(copy.buffer);
    if (this.#awaitsSign) this.#watch.connected();
    this.#awaitsSign = false;
    for (const change of this.#voice.push(audio)) {
      if (change.type === 'began') this.#watch.voiceBegan();
      else this.#watch.voiceEnded(change.loudMs);
    }
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#reconnectTimer);
    this.#watch.close();
    this.#stream.close();
    const end = () =>
      this.#recognizer.close(
        () => {},
        (error) => this.#log.debug({ error }, 'speech recognizer did not close in order'),
      );
    // Asking it to stop would wait for the service; closing it alone leaves its socket if it choked on a message.
    this.#connection.closeConnection(end, end);
  }

  #watchReconnect(): void {
    if (this.#closed) return;
    clearTimeout(this.#reconnectTimer);
    this.#watch.disconnected();
    this.#log.info('speech recognizer lost its connection');
    this.#reconnectTimer = setTimeout(
      () => this.#fail(new AppError('MODEL_UNAVAILABLE', 'Azure Speech went away and did not come back.')),
      reconnectTimeoutMs,
    );
  }

  /** Offsets count all audio that was sent, over all connections, in 100 ns. */
  #sinceMs(offset: number): number {
    return Math.max(0, this.#sentMs - offset / 10_000);
  }

  /** The SDK keeps the audio of which the service has not told anything, and sends it again. */
  #reconnect(): void {
    this.#log.warn('speech recognizer says nothing: its connection is opened anew');
    breakConnection(this.#connectionId);
  }

  #tell(event: RecognizerEvent): void {
    if (this.#closed) return;
    if ((event.type === 'hypothesis' || event.type === 'final') && event.text !== '') this.#watch.receiveWords();
    this.#onEvent(event);
    if (event.type === 'nothing') this.#watch.receiveNothing();
  }

  #fail(error: AppError): void {
    if (this.#closed) return;
    this.close();
    this.#onEvent({ type: 'closed', error });
  }
}

function createRecognizer(options: SpeechRecognizerOptions, audio: sdk.AudioConfig): sdk.SpeechRecognizer {
  const { access, languages, phrases } = options;
  const config = createSpeechConfig(access, 'recognition');
  config.speechRecognitionLanguage = languages[0];
  // Ends a phrase by its sense. A segmentation timeout beside it would switch it off.
  config.setProperty(sdk.PropertyId.Speech_SegmentationStrategy, 'Semantic');
  const recognizer =
    languages.length > 1 ? createMultilingual(config, languages, audio) : new sdk.SpeechRecognizer(config, audio);
  if (phrases.length > 0) sdk.PhraseListGrammar.fromRecognizer(recognizer).addPhrases([...phrases]);
  return recognizer;
}

function createMultilingual(config: sdk.SpeechConfig, languages: readonly string[], audio: sdk.AudioConfig) {
  config.setProperty(sdk.PropertyId.SpeechServiceConnection_LanguageIdMode, 'Continuous');
  return sdk.SpeechRecognizer.FromConfig(
    config,
    sdk.AutoDetectSourceLanguageConfig.fromLanguages([...languages]),
    audio,
  );
}

function toSdkFormat(format: AudioFormat): sdk.AudioStreamFormat {
  if (isSameFormat(format, mulaw8k)) return sdk.AudioStreamFormat.getWaveFormat(8000, 8, 1, sdk.AudioFormatTag.MuLaw);
  if (isSameFormat(format, pcm16k)) return sdk.AudioStreamFormat.getWaveFormatPCM(16000, 16, 1);
  throw new AppError('MODEL_PROTOCOL', 'Azure Speech listens to 16 kHz PCM and 8 kHz mu-law only.');
}
