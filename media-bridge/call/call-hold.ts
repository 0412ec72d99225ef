// This replica's hold of a call: renewed while it serves the call, lost to whoever has the carrier's newer socket, and then silent.
import type { CallId } from '../../shared/call/call.ts';
import type { Logger } from '../../shared/logger.ts';
import { acquireHold, renewHold } from '../../shared/stores/call-hold.ts';
import type { CallLeases, Lease } from '../../shared/stores/call-leases.ts';

const renewEveryMs = 1_000;
/**
 * After its last renewal a hold is sure for so long: two renewals may fail. No other bridge takes a call sooner from one that
 * says nothing (OrphanWatch), so that whoever is sure is the only one.
 */
export const sureMs = 2_500;
/** Facts of a process that has slept, until it knows whether the call is still its own. */
const maxWaiting = 1_000;

export interface CallHoldOptions {
  readonly leases: Pick<CallLeases, 'acquire' | 'renew' | 'release'>;
  readonly callId: CallId;
  readonly replica: string;
  /** Undefined where the store could not tell when the socket came. */
  readonly lease: Lease | undefined;
  readonly log: Logger;
}

export interface CallHoldListener {
  /** Another replica has the call. Comes once. */
  onLost(): void;
  /** Nobody knows whose the call is now: the store does not answer. Comes with each renewal that fails. */
  onUnsure(): void;
}

export class CallHold {
  readonly #options: CallHoldOptions;
  readonly #timer: NodeJS.Timeout;
  #listener: CallHoldListener | undefined;
  #lease: Lease | undefined;
  #sureUntilMs: number;
  #tickedAtMs: number;
  #isLost = false;
  #renewing: Promise<void> | undefined;
  /** This process did not run for a while, and does not know yet what became of the call. */
  #hasSlept = false;
  #wokeAtMs = 0;
  #isInDoubt = false;
  #waiting: (() => void)[] = [];

  constructor(options: CallHoldOptions) {
    this.#options = options;
    this.#lease = options.lease;
    this.#tickedAtMs = performance.now();
    this.#sureUntilMs = options.lease ? this.#tickedAtMs + sureMs : 0;
    this.#timer = setInterval(() => this.#tick(), renewEveryMs);
    if (!options.lease) this.#renew();
  }

  listen(listener: CallHoldListener): void {
    this.#listener = listener;
  }

  /** Of all who held the call the highest has it. Undefined while the store has not told. */
  get fence(): number | undefined {
    return this.#lease?.fence;
  }

  get isSure(): boolean {
    return !this.#isLost && performance.now() < this.#sureUntilMs;
  }

  /** Does `work` unless the call is known to be another's; a process that has slept finds that out first. */
  whileOurs(work: () => void): void {
    if (this.#isLost) return;
    this.#noticeSleep();
    if (!this.#hasSlept && !this.#isInDoubt) work();
    else if (this.#waiting.length < maxWaiting) this.#waiting.push(work);
  }

  /** Resolves to whether the call may still be ours, as soon as that is known, or cannot be. */
  async mayBeOurs(): Promise<boolean> {
    this.#renew();
    await this.#renewing;
    return !this.#isLost;
  }

  /** Resolves to whether the store says now that the call is ours. */
  async isConfirmed(): Promise<boolean> {
    const startedAtMs = performance.now();
    await this.#renewing;
    await this.mayBeOurs();
    return this.isSure && this.#sureUntilMs >= startedAtMs + sureMs;
  }

  get isInDoubt(): boolean {
    return this.#isInDoubt;
  }

  /** Without the carrier's socket and without the store: another replica may have the call, and nothing is written until the store tells. */
  doubt(): void {
    this.#isInDoubt = true;
  }

  /** The carrier's newest socket is here. */
  trust(): void {
    this.#isInDoubt = false;
    if (!this.#isLost && !this.#hasSlept) this.#catchUp();
  }

  /** Another replica has the call, by what it wrote down. */
  lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#waiting = [];
    clearInterval(this.#timer);
    this.#listener?.onLost();
  }

  /** Idempotent. The call is over here; what cannot be given back lapses. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
    const lease = this.#lease;
    this.#lease = undefined;
    if (lease && !this.#isLost) await this.#options.leases.release(lease).catch(() => {});
  }

  #tick(): void {
    this.#noticeSleep();
    this.#tickedAtMs = performance.now();
    this.#renew();
  }

  #noticeSleep(): void {
    const nowMs = performance.now();
    if (nowMs - this.#tickedAtMs < sureMs) return;
    this.#hasSlept = true;
    this.#wokeAtMs = this.#tickedAtMs = nowMs;
    this.#renew();
  }

  /** One at a time: a store that hangs is not asked twice. */
  #renew(): void {
    this.#renewing ??= this.#ask().finally(() => {
      this.#renewing = undefined;
    });
  }

  async #ask(): Promise<void> {
    let startedAtMs: number;
    do {
      startedAtMs = performance.now();
      try {
        if (await this.#keep()) this.#sureUntilMs = startedAtMs + sureMs;
      } catch (error) {
        this.#options.log.debug({ error }, 'whose the call is cannot be told now: it is asked again');
      }
      this.#noticeSleep();
      // What was answered before we slept says nothing of now.
    } while (startedAtMs < this.#wokeAtMs && !this.#isLost);
    if (this.#isLost) return;
    if (!this.isSure) this.#listener?.onUnsure();
    this.#hasSlept = false;
    this.#catchUp();
  }

  #catchUp(): void {
    if (this.#isInDoubt) return;
    for (const work of this.#waiting.splice(0)) work();
  }

  /** False while another one holds what we never had. */
  async #keep(): Promise<boolean> {
    const { leases, callId, replica } = this.#options;
    const lease = this.#lease;
    if (lease && (await renewHold(leases, lease))) {
      this.#isInDoubt = false;
      return true;
    }
    // A store that lost its data knows nobody; one that has slept or was cut off was thought dead.
    const wasThoughtDead = this.#hasSlept || this.#isInDoubt;
    const again = lease && wasThoughtDead ? undefined : await acquireHold(leases, callId, replica);
    if (again) this.#lease = again;
    else if (lease) this.lose();
    return again !== undefined;
  }
}
