// Which voice model serves a call: the one that is wanted first, and the next one when it is lost, until none is left.
import type { VoiceModelKind } from '../../shared/call/call.ts';
import { AppError } from '../../shared/errors.ts';
import { pause } from '../../shared/within.ts';
import type { VoiceModel } from '../voice-models/voice-model.ts';

/** The restart budget: a kind that was lost so often is not asked again until a loss is forgiven. The caller waited each time. */
const maxLosses = 3;
/** What went wrong so long ago says nothing of now. Far longer than `maxLosses` openings take, or the budget would never run out. */
const defaultForgivenAfterMs = 5 * 60_000;
/** A session that ends by age sooner than this was no use: opening it again and again would be silence for ever. */
const shortestSessionMs = 60_000;
/**
 * Rounds over all models before the call is given up; between rounds the services get a moment to recover. All of them refuse at
 * once where it is this bridge's own network that is away, and that is soon back: the caller hears meanwhile that somebody is there.
 */
const fewestRounds = 2;
const patienceMs = 6_000;
const betweenRoundsMs = 500;
const longestBetweenRoundsMs = 2_000;

export interface ModelWishes {
  /** Of this one call. */
  readonly call: VoiceModelKind | undefined;
  /** Of whoever runs this house: the VOICE_MODEL setting. */
  readonly house: VoiceModelKind | undefined;
  readonly agent: readonly VoiceModelKind[];
}

/** Whatever is configured comes last even if nobody wants it: a caller is better served by any model than by none. */
export function orderModels(
  { call, house, agent }: ModelWishes,
  configured: readonly VoiceModelKind[],
): readonly VoiceModelKind[] {
  const wanted = [call, house, ...agent, ...configured].filter((kind) => kind !== undefined);
  return [...new Set(wanted)].filter((kind) => configured.includes(kind));
}

export interface ModelFailoverOptions {
  /** In the order of preference. */
  readonly kinds: readonly VoiceModelKind[];
  open(kind: VoiceModelKind, signal: AbortSignal): Promise<VoiceModel>;
  onFailure(kind: VoiceModelKind, error: AppError): void;
  readonly forgivenAfterMs?: number;
}

export class ModelFailover {
  readonly #options: ModelFailoverOptions;
  readonly #losses: { readonly kind: VoiceModelKind; readonly atMs: number }[] = [];
  #openedAtMs = 0;

  constructor(options: ModelFailoverOptions) {
    this.#options = options;
  }

  /** After a model was lost in mid-call: the others go first next time. A session that reached its age is no loss. */
  markLost(kind: VoiceModelKind, error: AppError | undefined): void {
    const atMs = performance.now();
    const isAged = error?.code === 'MODEL_SESSION_EXPIRED' && atMs - this.#openedAtMs >= shortestSessionMs;
    if (!isAged) this.#losses.push({ kind, atMs });
  }

  /**
   * Rejects with the last error when every model refused, with MODEL_UNAVAILABLE when none is left to ask, and with the
   * reason of `signal`: nothing stays open then.
   */
  async open(signal: AbortSignal): Promise<VoiceModel> {
    const { open, onFailure } = this.#options;
    let last: AppError | undefined;
    const refused = new Set<VoiceModelKind>();
    const until = performance.now() + patienceMs;
    let restMs = betweenRoundsMs;
    for (let round = 1; ; round++) {
      for (const kind of this.#inOrder().filter((kind) => !refused.has(kind))) {
        try {
          await this.#coolDown(kind, signal);
          const model = await open(kind, signal);
          if (signal.aborted) model.close();
          signal.throwIfAborted();
          this.#openedAtMs = performance.now();
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
      if (this.#inOrder().every((kind) => refused.has(kind))) break;
      if (round >= fewestRounds && performance.now() + restMs > until) break;
      await pause(restMs, signal);
      restMs = Math.min(2 * restMs, longestBetweenRoundsMs);
    }
    throw last ?? new AppError('MODEL_UNAVAILABLE', 'every voice model of this agent was lost too often in this call');
  }

  /** A first loss is a blip; after a second one the service gets a moment. */
  async #coolDown(kind: VoiceModelKind, signal: AbortSignal): Promise<void> {
    if (this.#lossesOf(kind) > 1) await pause(betweenRoundsMs, signal);
  }

  #inOrder(): readonly VoiceModelKind[] {
    const left = this.#options.kinds.filter((kind) => this.#lossesOf(kind) < maxLosses);
    return left.toSorted((a, b) => this.#lossesOf(a) - this.#lossesOf(b));
  }

  #lossesOf(kind: VoiceModelKind): number {
    const { forgivenAfterMs = defaultForgivenAfterMs } = this.#options;
    const sinceMs = performance.now() - forgivenAfterMs;
    return this.#losses.filter((loss) => loss.kind === kind && loss.atMs > sinceMs).length;
  }
}
