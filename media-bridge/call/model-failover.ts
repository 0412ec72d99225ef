// Keeps a voice model at hand for one call: opens the first, and the next one when it is lost, until none is left.
import type { VoiceModelKind } from '../../shared/call/call.ts';
import { AppError } from '../../shared/errors.ts';
import type { VoiceModel } from '../voice-models/voice-model.ts';

/** A kind that was lost this often in one call is not asked again in it. */
const maxLossesOfKind = 2;
/** Rounds over all models before the call is given up; between rounds the services get a moment to recover. */
const maxRounds = 2;
const betweenRoundsMs = 500;

export interface ModelFailoverOptions {
  /** In the order of preference. */
  readonly kinds: readonly VoiceModelKind[];
  open(kind: VoiceModelKind): Promise<VoiceModel>;
  onFailure(kind: VoiceModelKind, error: AppError): void;
  readonly signal: AbortSignal;
}

export class ModelFailover {
  readonly #options: ModelFailoverOptions;
  readonly #losses = new Map<VoiceModelKind, number>();

  constructor(options: ModelFailoverOptions) {
    this.#options = options;
  }

  /** After a model was lost in mid-call: the others go first next time. An expired session is no loss: it may be opened again. */
  markLost(kind: VoiceModelKind, error: AppError | undefined): void {
    if (error?.code !== 'MODEL_SESSION_EXPIRED') this.#losses.set(kind, this.#lossesOf(kind) + 1);
  }

  /** Throws the last error when every model refused, or MODEL_UNAVAILABLE when none is left to ask. */
  async open(): Promise<VoiceModel> {
    const { open, onFailure, signal } = this.#options;
    let last: AppError | undefined;
    const refused = new Set<VoiceModelKind>();
    for (let round = 1; round <= maxRounds; round++) {
      for (const kind of this.#inOrder().filter((kind) => !refused.has(kind))) {
        try {
          const model = await open(kind);
          if (signal.aborted) model.close();
          return model;
        } catch (cause) {
          signal.throwIfAborted();
          last =
            cause instanceof AppError
              ? cause
              : new AppError('MODEL_UNAVAILABLE', `${kind} could not be opened`, { cause });
          if (!last.retryable) refused.add(kind);
          onFailure(kind, last);
        }
      }
      if (round < maxRounds) await new Promise((resolve) => setTimeout(resolve, betweenRoundsMs));
      signal.throwIfAborted();
    }
    throw last ?? new AppError('MODEL_UNAVAILABLE', 'every voice model of this agent was lost too often in this call');
  }

  #inOrder(): readonly VoiceModelKind[] {
    const left = this.#options.kinds.filter((kind) => this.#lossesOf(kind) < maxLossesOfKind);
    return left.toSorted((a, b) => this.#lossesOf(a) - this.#lossesOf(b));
  }

  #lossesOf(kind: VoiceModelKind): number {
    return this.#losses.get(kind) ?? 0;
  }
}
