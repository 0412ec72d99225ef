// The calls of pages in browsers at this bridge: their ends, which no carrier tells, and their sockets.
import type { WebSocket } from 'ws';
import type { CallEndReason, CallId } from '../shared/call/call.ts';
import { AppError } from '../shared/errors.ts';
import type { Logger } from '../shared/logger.ts';
import type { CallLeases } from '../shared/stores/call-leases.ts';
import type { CallLedger } from '../shared/stores/call-ledger.ts';
import { WebCallControl } from '../shared/telephony/web-call-control.ts';
import { pause, within } from '../shared/within.ts';
import { DirectVoice } from './call/direct-voice.ts';

/** Of a WebSocket that is to be opened again: the service restarts. */
const restartCode = 1012;

/** No session of a service is longer. */
const claimMs = 24 * 3_600_000;
/** A page is waiting. */
const claimTimeoutMs = 500;

/** What the service said last is still to be played by the page, which leaves by itself then, if it can. */
const lastWordsMs = 2_000;

/** A call that nobody serves is served again by then, or over. */
const undecidedMs = 60_000;

export interface WebCallsOptions {
  readonly replica: string;
  readonly ledger: Pick<CallLedger, 'findLive' | 'post'>;
  readonly leases: Pick<CallLeases, 'acquire'>;
  /** Ends a page's session at the service. Absent where there is none that it could have. */
  readonly hangUpDirect: ((realtimeCallId: string) => Promise<boolean>) | undefined;
  readonly log: Logger;
}

export class WebCalls {
  readonly control: WebCallControl;
  readonly #options: WebCallsOptions;
  readonly #sockets = new Map<CallId, WebSocket>();
  readonly #directs = new Map<CallId, DirectVoice>();
  /** Ways that were left, and are still open at the service for all that is known here. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #isClosing = new AbortController();

  constructor(options: WebCallsOptions) {
    this.#options = options;
    this.control = new WebCallControl({
      end: (callId) => this.#end(callId, 'agent-hung-up'),
      reconnect: (callId) => this.#sockets.get(callId)?.close(restartCode),
    });
  }

  /** The newest socket of a call is the one that its page has. */
  add(callId: CallId, socket: WebSocket): void {
    this.#sockets.set(callId, socket);
    socket.once('close', () => {
      if (this.#sockets.get(callId) === socket) this.#sockets.delete(callId);
    });
  }

  /**
   * A session with a service belongs to the first call that names it: nobody brings another's under its own agent. Throws
   * FORBIDDEN. Where the store cannot tell, the page is believed: it has a ticket, and knows what only two others know.
   */
  async claim(callId: CallId, realtimeCallId: string): Promise<void> {
    const { leases, log } = this.#options;
    const ask = () => leases.acquire(`webrtc:${realtimeCallId}`, callId, claimMs).then((lease) => lease !== undefined);
    const isOurs = await within(claimTimeoutMs, ask, () => true).catch((error: unknown) => {
      log.warn({ callId, error }, 'nobody can say now whether the session of a page is that of another call');
      return true;
    });
    if (!isOurs) throw new AppError('FORBIDDEN', 'the session with the voice service is of another call');
  }

  /** The page's socket says on which way it talks now: `realtimeCallId`, past us, or by this socket. Any other way is left. */
  chooseWay(callId: CallId, realtimeCallId: string | undefined): DirectVoice | undefined {
    const before = this.#directs.get(callId);
    if (before?.isOpen && before.realtimeCallId === realtimeCallId) return before;
    this.#directs.delete(callId);
    before?.end();
    if (realtimeCallId === undefined) return undefined;
    const direct = new DirectVoice(realtimeCallId);
    this.#directs.set(callId, direct);
    direct.over.addEventListener('abort', () => this.#leave(callId, direct), { once: true });
    return direct;
  }

  findDirect(callId: CallId): DirectVoice | undefined {
    return this.#directs.get(callId);
  }

  /** Idempotent. What was left is ended at the service now, in so much time. */
  async close(withinMs: number): Promise<void> {
    this.#isClosing.abort();
    await within(withinMs, Promise.all(this.#leaving), () => {});
  }

  /** Whoever talks from the page ended the call. */
  hungUp(callId: CallId): void {
    this.#attempt(callId, () => this.#end(callId, 'caller-hung-up'));
  }

  /** Nobody serves it here any more. Where no other bridge does, its page lost its way. */
  left(callId: CallId): void {
    this.#attempt(callId, async () => {
      const state = await this.#options.ledger.findLive(callId);
      if (state?.phase !== 'ended' && state?.replica === undefined) await this.#end(callId, 'media-lost');
    });
  }

  /** For the reason that somebody wanted it, if somebody did. */
  async #end(callId: CallId, otherwise: CallEndReason): Promise<void> {
    const state = await this.#options.ledger.findLive(callId).catch(() => undefined);
    const reason = state?.askedToEnd ?? otherwise;
    await this.#options.ledger.post(callId, { type: 'call-ended', reason }, { id: 'call-ended' });
  }

  #leave(callId: CallId, direct: DirectVoice): void {
    const { log } = this.#options;
    const leaving = this.#hangUpDirect(callId, direct)
      .catch((error: unknown) =>
        log.warn({ callId, error }, "a page's session with the voice service could not be ended"),
      )
      .finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  /** Unless the page is at another bridge by then, with the session that it has, or on its way there. */
  async #hangUpDirect(callId: CallId, { realtimeCallId }: DirectVoice): Promise<void> {
    const { replica, ledger, hangUpDirect } = this.#options;
    if (!hangUpDirect) return;
    for (let waitedMs = lastWordsMs; ; waitedMs += lastWordsMs) {
      await pause(lastWordsMs, this.#isClosing.signal).catch(() => {});
      const state = await ledger.findLive(callId);
      const isOver = state === undefined || state.phase === 'ended';
      if (isOver || state.replica === replica || waitedMs >= undecidedMs) break;
      if (state.replica !== undefined || this.#isClosing.signal.aborted) return;
    }
    await hangUpDirect(realtimeCallId);
  }

  #attempt(callId: CallId, work: () => Promise<unknown>): void {
    work().catch((error: unknown) => {
      this.#options.log.warn({ callId, error }, 'the end of a call in a browser could not be written down');
    });
  }
}
