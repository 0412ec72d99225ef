// Forgets a caller: every call, every file, every copy at the carrier, and says when nothing is left. What cannot go now is waited for.
import { randomUUID } from 'node:crypto';
import type { CallId } from '../../shared/call/call.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import type { CallerKeys } from '../../shared/caller-keys.ts';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { RecordingFiles } from '../../shared/recordings/recording-files.ts';
import type { CallHistory } from '../../shared/stores/call-history.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import type { CallStream } from '../../shared/stores/call-stream.ts';
import type { CallerMemory, ForgetRequest } from '../../shared/stores/caller-memory.ts';

/** Beside the other timers of the minute. */
export const forgettingSchedule = '30 * * * * *';
/** What was on its way while we looked is there by then. */
const lookAgainMs = 60_000;
/** Who asked may look up for so long what became of it. */
const answerDays = 30;
const leaseMs = 3 * 60_000;
const pageSize = 50;
const maxUnsaved = 500;
const maxRequests = 20;

export interface CallerForgettingOptions {
  readonly ledger: Pick<CallLedger, 'find' | 'findLive'>;
  readonly stream: Pick<CallStream, 'forget' | 'unsavedCallIds'>;
  readonly history: Pick<CallHistory, 'list' | 'remove'>;
  readonly leases: Pick<CallLeases, 'acquire' | 'release'>;
  readonly callers: CallerMemory;
  readonly keys: CallerKeys;
  readonly files: Pick<RecordingFiles, 'remove'>;
  readonly log: Logger;
}

export class CallerForgetting {
  readonly #options: CallerForgettingOptions;

  constructor(options: CallerForgettingOptions) {
    this.#options = options;
  }

  /** Begins at once. Resolves to how far it is; the rest follows by itself. */
  async ask(party: string): Promise<ForgetRequest> {
    const requestedAt = Date.now();
    const expiresAt = requestedAt + answerDays * 86_400_000;
    const request = { id: randomUUID(), requestedAt, party, calls: 0, files: 0, waitingFor: [], expiresAt };
    // Written first: whatever happens to this process, somebody goes on.
    await this.#options.callers.saveRequest(request);
    return (await this.#goOn(request)) ?? request;
  }

  /** Throws NOT_FOUND. */
  async find(id: string): Promise<ForgetRequest> {
    const request = await this.#options.callers.findRequest(id);
    if (!request) throw new AppError('NOT_FOUND', 'there is no such request, or it was done long ago');
    return request;
  }

  /** Goes on with all that are open. Never rejects: the next round goes on. */
  async run(): Promise<void> {
    try {
      for (const request of await this.#options.callers.openRequests(maxRequests)) await this.#goOn(request);
    } catch (error) {
      this.#options.log.warn({ error }, 'callers who want to be forgotten wait for the next round');
    }
  }

  /** Undefined where somebody else is at it. */
  async #goOn(request: ForgetRequest): Promise<ForgetRequest | undefined> {
    const { leases, log } = this.#options;
    const lease = await leases.acquire(`forgetting/${request.id}`, randomUUID(), leaseMs);
    if (!lease) return undefined;
    try {
      const changed = await this.#pass(request);
      await this.#options.callers.saveRequest(changed);
      if (changed.doneAt !== undefined)
        log.info({ calls: changed.calls, files: changed.files }, 'a caller was forgotten');
      return changed;
    } catch (error) {
      log.warn({ error }, 'a caller is not forgotten yet: it is tried again');
      return undefined;
    } finally {
      await leases.release(lease).catch(() => {});
    }
  }

  async #pass(request: ForgetRequest): Promise<ForgetRequest> {
    const { callers, keys } = this.#options;
    const party = request.party!;
    const caller = keys.find(party);
    const waitingFor = new Set<string>();
    let { calls, files } = request;
    let found = caller === undefined ? 0 : await callers.forget(caller);
    for (const callId of await this.#findCalls(party)) {
      const removed = await this.#removeCall(callId, waitingFor);
      if (removed === undefined) continue;
      found++;
      calls++;
      files += removed;
    }
    const now = Date.now();
    const isEmpty = found === 0 && waitingFor.size === 0;
    const emptyAt = isEmpty ? (request.emptyAt ?? now) : undefined;
    const changed = { ...request, calls, files, waitingFor: [...waitingFor], emptyAt };
    if (emptyAt === undefined || now - emptyAt < lookAgainMs) return changed;
    return { ...changed, party: undefined, doneAt: now };
  }

  /** By the history, and what it does not have yet. */
  async #findCalls(party: string): Promise<ReadonlySet<CallId>> {
    const { history, stream, ledger } = this.#options;
    const found = new Set<CallId>();
    let next: string | undefined;
    do {
      const page = await history.list({ limit: pageSize, next, remoteParty: party });
      for (const { callId } of page.calls) found.add(callId);
      next = page.next;
    } while (next !== undefined);
    for (const callId of await stream.unsavedCallIds({ olderThanMs: 0, limit: maxUnsaved }))
      if ((await ledger.findLive(callId))?.remoteParty === party) found.add(callId);
    return found;
  }

  /** Resolves to how many files went with it; undefined where it stays for now. */
  async #removeCall(callId: CallId, waitingFor: Set<string>): Promise<number | undefined> {
    const { ledger, leases, files, stream, history } = this.#options;
    const call = await ledger.find(callId);
    const reason = call && whyWait(call);
    if (reason !== undefined) {
      waitingFor.add(reason);
      return undefined;
    }
    // Whoever settles the call would write of it what we have just removed.
    const lease = await leases.acquire(`settling/${callId}`, randomUUID(), leaseMs);
    if (!lease) {
      waitingFor.add('a call that has just ended');
      return undefined;
    }
    try {
      const removed = await files.remove(callId);
      await stream.forget(callId);
      await history.remove(callId);
      return removed;
    } finally {
      await leases.release(lease).catch(() => {});
    }
  }
}

/** Undefined: it can go. */
function whyWait({ phase, recording }: CallState): string | undefined {
  if (phase !== 'ended') return 'a call that goes on';
  // Its copy at the carrier can be removed only once we know where it is.
  if (recording?.status === 'awaited') return "the carrier's recording of a call";
  if (recording?.status === 'kept' && !recording.isRemovedAtCarrier) return "the carrier's recording of a call";
  return undefined;
}
