// The caller's side of a session: hears turns in the input audio, commits them, transcribes them and tells what was heard.
import type { Brain } from '../chat/brain.ts';
import type { ServiceEar } from '../voice/service-ear.ts';
import type { Conversation, ItemRecord } from './conversation.ts';
import type { Dialect } from './dialect.ts';
import { InputBuffer } from './input-buffer.ts';
import type { RealtimeFaults } from './realtime-faults.ts';
import type { Send } from './response-writer.ts';
import type { SessionLog } from './session-log.ts';
import type { SessionSettings } from './session-settings.ts';
import { createPadding, createWireId } from './wire-id.ts';

export interface CallerTurnsOptions {
  readonly dialect: Dialect;
  readonly cascade: boolean;
  readonly conversation: Conversation;
  readonly brain: Brain;
  /** In place of the brain's. */
  readonly ear: ServiceEar | undefined;
  readonly settings: SessionSettings;
  readonly send: Send;
  readonly log: SessionLog;
  readonly faults: RealtimeFaults;
  /** Transcription models that are deployed; Voice Live needs no deployments. */
  readonly transcriptionModels: readonly string[];
  readonly transcriptionMs: number;
  readonly started: () => void;
  /** The item of the turn is in the conversation: time to answer. */
  readonly committed: (turn: { readonly detected: boolean }) => void;
}

const streamingTranscription = 'gpt-realtime-whisper';
/** Seen in the service's own message. */
const leastCommitMs = 100;

export class CallerTurns {
  readonly #options: CallerTurnsOptions;
  readonly #buffer: InputBuffer;
  #settings: SessionSettings;
  #itemId: string | undefined;
  #toldWords = '';
  #timers = new Set<NodeJS.Timeout>();

  constructor(options: CallerTurnsOptions) {
    this.#options = options;
    this.#settings = options.settings;
    const { inputFormat, turnDetection } = options.settings;
    this.#buffer = new InputBuffer(inputFormat, turnDetection, options.ear);
  }

  get receivedMs(): number {
    return Math.round(this.#buffer.receivedMs);
  }

  configure(settings: SessionSettings): void {
    this.#settings = settings;
    this.#buffer.configure(settings.inputFormat, settings.turnDetection);
  }

  append(samples: Int16Array): void {
    const { send, started } = this.#options;
    for (const { type, atMs } of this.#buffer.append(samples)) {
      const itemId = (this.#itemId ??= createWireId('item'));
      if (type === 'started') {
        send({ type: 'input_audio_buffer.speech_started', audio_start_ms: atMs, item_id: itemId });
        started();
      } else {
        send({ type: 'input_audio_buffer.speech_stopped', audio_end_ms: atMs, item_id: itemId });
        this.#commit(true);
      }
    }
    this.#tellWords();
  }

  /** The client's own commit; false if there is too little to commit. */
  commit(): boolean {
    if (this.#buffer.bufferedMs < leastCommitMs) return false;
    this.#commit(false);
    return true;
  }

  get bufferedMs(): number {
    return this.#buffer.bufferedMs;
  }

  clear(): void {
    this.#buffer.clear();
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #commit(detected: boolean): void {
    const { conversation, send, brain, ear, log, cascade, committed } = this.#options;
    const itemId = this.#itemId ?? createWireId('item');
    this.#itemId = undefined;
    const { sampleRate } = this.#buffer.format;
    const samples = this.#buffer.take();
    send({ type: 'input_audio_buffer.committed', previous_item_id: conversation.lastId, item_id: itemId });
    const heard = (ear ?? brain).hear(samples, sampleRate);
    log.heard.push({
      atMs: performance.now(),
      audioMs: (samples.length * 1000) / sampleRate,
      phrase: heard?.phrase,
      confidence: heard?.confidence ?? 0,
    });

    // Around a text model the transcript is what the model reads: it comes first, and the item already has it.
    if (cascade) {
      const join = () => {
        const language = 'en-US';
        const transcript = heard?.phrase ?? '';
        const completed = 'conversation.item.input_audio_transcription.completed';
        send({ type: completed, item_id: itemId, content_index: 0, transcript, language });
        this.#join(itemId, transcript, heard?.phrase);
        committed({ detected });
      };
      this.#later(this.#options.transcriptionMs, join);
      return;
    }
    const told = this.#takeToldWords();
    const record = this.#join(itemId, null, heard?.phrase);
    committed({ detected });
    this.#transcribe(record, told);
  }

  #join(id: string, transcript: string | null, text: string | undefined): ItemRecord {
    const { conversation, dialect, send, cascade } = this.#options;
    const object = dialect.itemObject ? { object: 'realtime.item' } : {};
    const content = [{ type: 'input_audio', transcript }];
    const item = { id, ...object, type: 'message', status: 'completed', role: 'user', content };
    const { record, previousId } = conversation.append(item, text);
    send({ type: dialect.itemAdded, previous_item_id: previousId, item });
    if (!cascade) send({ type: 'conversation.item.done', previous_item_id: previousId, item });
    return record;
  }

  /** A model that transcribes while it listens tells words before the turn is over, and never takes one back. */
  #tellWords(): void {
    const { ear, dialect, send } = this.#options;
    if (!ear || !this.#itemId || this.#settings.transcription?.model !== streamingTranscription) return;
    const words = ear.wordsSoFar;
    if (words === undefined || !words.startsWith(this.#toldWords) || words === this.#toldWords) return;
    const delta = words.slice(this.#toldWords.length);
    this.#toldWords = words;
    const padding = dialect.padded ? { obfuscation: createPadding() } : {};
    const type = 'conversation.item.input_audio_transcription.delta';
    send({ type, item_id: this.#itemId, content_index: 0, delta, ...padding });
  }

  #takeToldWords(): string {
    const told = this.#toldWords;
    this.#toldWords = '';
    return told;
  }

  #transcribe(record: ItemRecord, told: string): void {
    const { transcription } = this.#settings;
    if (!transcription) return;
    const { send, dialect, faults, transcriptionModels, transcriptionMs } = this.#options;
    const place = { item_id: record.item.id, content_index: 0 };
    const transcript = record.text ?? '';
    const deployed = dialect.name === 'voice-live' || transcriptionModels.includes(transcription.model);
    this.#later(transcriptionMs, () => {
      if (!deployed || faults.failTranscription) {
        const message = `Input transcription failed for item '${record.item.id}'.`;
        const code = deployed ? 'server_error' : 'DeploymentNotFound';
        const error = { type: 'server_error', code, message, param: null };
        send({ type: 'conversation.item.input_audio_transcription.failed', ...place, error });
        return;
      }
      const untold = transcript.startsWith(told) ? transcript.slice(told.length) : '';
      for (const delta of untold.match(/\s*\S+/g) ?? []) {
        const padding = dialect.padded ? { obfuscation: createPadding() } : {};
        send({ type: 'conversation.item.input_audio_transcription.delta', ...place, delta, ...padding });
      }
      const usage = dialect.padded ? { usage: describeUsage(transcript) } : {};
      send({ type: 'conversation.item.input_audio_transcription.completed', ...place, transcript, ...usage });
    });
  }

  #later(ms: number, run: () => void): void {
    if (ms <= 0) {
      run();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
  }
}

function describeUsage(transcript: string): object {
  const [audio, words] = [20, transcript.split(' ').length];
  const details = { text_tokens: 0, audio_tokens: audio };
  const total = { total_tokens: audio + words, input_tokens: audio, output_tokens: words };
  return { type: 'tokens', ...total, input_token_details: details };
}
