// Watches one service that keeps our data: nobody waits for it longer than it is worth, and what is wrong with it is known.
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { within } from '../within.ts';

/** How soon it is noticed that a service that hung answers again. */
const probeEveryMs = 250;
/** What nobody waits for may take so long: a service that needs half a second for everything would else be written to no more. */
const patienceMs = 3_000;
/** Writes that failed are tried again within half a minute: so long a failure is held against a service that is only asked. */
const writeProblemMemoryMs = 60_000;

export interface StoreWatchOptions {
  /** As an operator knows it: Redis, Cosmos DB. */
  readonly name: string;
  readonly limitMs: number;
  /** Rejects as long as the service cannot serve. */
  readonly probe: () => Promise<void>;
  /** Whether a service that passes the probe takes any write. Without it, what was written to it last has its say too. */
  readonly isProbeAWrite: boolean;
  readonly log: Logger;
}

/** `patient-write`: one that nobody waits for. */
export type WatchedKind = 'read' | 'write' | 'patient-write';

interface Problem {
  readonly error: AppError;
  readonly at: number;
}

export class StoreWatch {
  readonly #options: StoreWatchOptions;
  #writeProblem: Problem | undefined;
  #lostAt: number | undefined;
  /** What whoever asks meanwhile is told. What was asked before may still be answered: the probe decides. */
  #hang: AppError | undefined;
  #prober: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: StoreWatchOptions) {
    this.#options = options;
  }

  /**
   * Throws STORE_UNAVAILABLE after `limitMs`, and at once while the service is known to hang: whoever asks it for five
   * things waits once. What timed out may still be carried out later: it must bear to be repeated. A patient write is
   * tried also then, and longer.
   */
  async run<Result>(kind: WatchedKind, operation: () => Promise<Result>): Promise<Result> {
    const isPatient = kind === 'patient-write';
    if (this.#hang && !isPatient) throw this.#hang;
    const limitMs = isPatient ? Math.max(patienceMs, this.#options.limitMs) : this.#options.limitMs;
    const askedAtMs = performance.now();
    try {
      const answer = operation();
      const giveUp = (): never => {
        const problem = `no answer within ${limitMs} ms`;
        this.#hang = new AppError('STORE_UNAVAILABLE', { store: this.#options.name, problem });
        this.#probeSoon();
        throw this.#hang;
      };
      const result = await within(limitMs, answer, () => {
        // A process that was held up itself has not read yet what came meanwhile.
        const heldUpMs = performance.now() - askedAtMs - limitMs;
        return heldUpMs > 0 ? within(Math.min(heldUpMs, limitMs), answer, giveUp) : giveUp();
      });
      this.#succeeded(kind);
      return result;
    } catch (error) {
      if (error instanceof AppError && error.code === 'STORE_UNAVAILABLE') this.#failed(kind, error);
      throw error;
    }
  }

  /** As the probe; rejects also when the service passes it but what was written to it last failed. */
  async check(): Promise<void> {
    await this.run(this.#probeKind, this.#options.probe);
    if (this.#options.isProbeAWrite) this.#tookAnyWrite();
    const failed = this.#writeProblem;
    if (failed && Date.now() - failed.at < writeProblemMemoryMs) throw failed.error;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#prober);
  }

  get #probeKind(): 'read' | 'write' {
    return this.#options.isProbeAWrite ? 'write' : 'read';
  }

  #succeeded(kind: WatchedKind): void {
    if (kind !== 'read' && this.#writeProblem) {
      // A Redis that is full takes what lets keys lapse or go, and nothing else: only the probe tells that it takes all again.
      if (this.#options.isProbeAWrite) this.#probeSoon();
      else this.#writeProblem = undefined;
    }
    this.#tellIfBack();
  }

  #tookAnyWrite(): void {
    this.#writeProblem = undefined;
    this.#tellIfBack();
  }

  #tellIfBack(): void {
    if (this.#lostAt === undefined || this.#writeProblem) return;
    this.#options.log.info({ store: this.#options.name, awayMs: Date.now() - this.#lostAt }, 'a store is back');
    this.#lostAt = undefined;
  }

  #failed(kind: WatchedKind, error: AppError): void {
    const problem = { error, at: Date.now() };
    if (kind !== 'read') this.#writeProblem = problem;
    // One line a loss, not one a call.
    if (this.#lostAt !== undefined) return;
    this.#lostAt = problem.at;
    this.#options.log.error({ store: this.#options.name, problem: error.message }, 'a store is unavailable');
  }

  #probeSoon(): void {
    if (this.#isClosed || this.#prober) return;
    this.#prober = setTimeout(() => void this.#probe(), probeEveryMs);
    this.#prober.unref();
  }

  async #probe(): Promise<void> {
    const { limitMs, probe, isProbeAWrite } = this.#options;
    const outcome = await within(
      limitMs,
      async () => {
        await probe();
        return 'well' as const;
      },
      () => 'silent' as const,
      // It answers, if only with a refusal: to ask it costs nobody time.
    ).catch(() => 'refusing' as const);
    this.#prober = undefined;
    if (outcome === 'silent') return this.#probeSoon();
    this.#hang = undefined;
    if (outcome === 'well' && isProbeAWrite) this.#tookAnyWrite();
  }
}
