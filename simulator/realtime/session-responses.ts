// The responses of one session: the one of the conversation and those beside it, asked for by the client or by the end of a turn.
import type { Brain, BrainAnswer } from '../chat/brain.ts';
import type { Speak } from '../voice/speech.ts';
import { decideAnswer } from './answer.ts';
import type { ClientEvent } from './client-event-check.ts';
import type { Conversation, Refusal } from './conversation.ts';
import { type DialectName, dialects } from './dialect.ts';
import type { RealtimeFaults } from './realtime-faults.ts';
import { ResponseRun, type ResponseTiming } from './response-run.ts';
import type { ResponseFrame, ResponseStatus, Send } from './response-writer.ts';
import {
  describeOutput,
  pickOutput,
  readSettings,
  readToolNames,
  updateWireSession,
  type WireSession,
} from './session-settings.ts';
import { isSpeechModel } from './voice-live-limits.ts';

type Fields = Record<string, unknown>;

export interface SessionResponsesOptions {
  readonly dialect: DialectName;
  readonly model: string;
  readonly brain: Brain;
  readonly speak: Speak;
  readonly timing: ResponseTiming;
  readonly faults: RealtimeFaults;
  readonly conversation: Conversation;
  readonly send: Send;
  /** As it is at the moment. */
  readonly wire: () => WireSession;
  readonly started: () => void;
  /** The response of the conversation was said to its end. */
  readonly completed: (spokenMs: number) => void;
}

export class SessionResponses {
  readonly #options: SessionResponsesOptions;
  /** The one of the conversation; those out of band run beside it. */
  #active: ResponseRun | undefined;
  readonly #runs = new Set<ResponseRun>();
  #hasSpoken = false;

  constructor(options: SessionResponsesOptions) {
    this.#options = options;
  }

  get isActive(): boolean {
    return this.#active !== undefined;
  }

  /** Whether the model's voice was heard, so that it is fixed. */
  get hasSpoken(): boolean {
    return this.#hasSpoken || (this.#active?.writer.spokenMs ?? 0) > 0;
  }

  create(event: ClientEvent): Refusal | undefined {
    const response = (event.response ?? {}) as Fields;
    const outOfBand = response.conversation === 'none';
    if (response.cancel_previous) this.#active?.cancel('client_cancelled');
    if (this.#active && !outOfBand) {
      const code = 'conversation_already_has_active_response';
      const message =
        `Conversation already has an active response in progress: ${this.#active.id}. ` +
        'Wait until the response is finished before creating a new one.';
      return { code, message, param: null };
    }
    for (const item of (response.append_input_items ?? []) as Fields[]) {
      const added = this.#options.conversation.create(item, undefined);
      if ('code' in added) return added;
    }
    this.say(this.#answer(response), response);
    return undefined;
  }

  cancel(event: ClientEvent): Refusal | undefined {
    const run = event.response_id ? [...this.#runs].find(({ id }) => id === event.response_id) : this.#active;
    if (run) {
      run.cancel('client_cancelled');
      return undefined;
    }
    const message = 'Cancellation failed: no active response found';
    return { code: 'response_cancel_not_active', message, param: null };
  }

  /** What the conversation has come to is answered. */
  answer(): void {
    this.say(this.#answer({}));
  }

  /** The caller speaks over it. */
  interrupt(): void {
    this.#active?.cancel('turn_detected');
  }

  /** The connection is gone. */
  abandon(): void {
    for (const run of this.#runs) run.abandon();
  }

  #answer(response: Fields): BrainAnswer {
    const { brain, conversation, wire } = this.#options;
    return decideAnswer(brain, conversation, readToolNames({ ...wire(), ...response }), response);
  }

  /** `response`: the fields of response.create. */
  createFrame(response: Fields = {}): ResponseFrame {
    const { dialect, model, conversation, send } = this.#options;
    // A response may have an output of its own, over that of the session.
    const wire = updateWireSession(dialect, this.#options.wire(), pickOutput(response));
    const { textOnly, outputFormat } = readSettings(dialect, wire);
    const modalities = (response.output_modalities ?? response.modalities) as string[] | undefined;
    return {
      dialect: dialects[dialect],
      send,
      conversation: response.conversation === 'none' ? undefined : conversation,
      format: outputFormat,
      textOnly: modalities ? !modalities.includes('audio') : textOnly,
      wire: describeOutput(dialect, wire, modalities),
      metadata: response.metadata,
      cascade: !isSpeechModel(model),
    };
  }

  say(answer: BrainAnswer, response: Fields = {}): void {
    const { speak, timing, faults, started } = this.#options;
    const frame = this.createFrame(response);
    const run = new ResponseRun({
      frame,
      answer,
      speak,
      timing,
      faults,
      ended: (...end) => this.#ended(...end),
    });
    this.#runs.add(run);
    if (frame.conversation) this.#active = run;
    started();
    run.start();
  }

  #ended(run: ResponseRun, status: ResponseStatus): void {
    this.#runs.delete(run);
    if (run.writer.spokenMs > 0) this.#hasSpoken = true;
    if (run !== this.#active) return;
    this.#active = undefined;
    if (status === 'completed') this.#options.completed(run.writer.spokenMs);
  }
}
