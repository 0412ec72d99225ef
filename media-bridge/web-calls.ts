// The calls of pages in browsers at this bridge: their ends, which no carrier tells, and their sockets.
import type { WebSocket } from 'ws';
import type { CallEndReason, CallId } from '../shared/call/call.ts';
import type { Logger } from '../shared/logger.ts';
import type { CallLedger } from '../shared/stores/call-ledger.ts';
import { WebCallControl } from '../shared/telephony/web-call-control.ts';

/** Of a WebSocket that is to be opened again: the service restarts. */
const restartCode = 1012;

export interface WebCallsOptions {
  readonly ledger: Pick<CallLedger, 'findLive' | 'post'>;
  readonly log: Logger;
}

export class WebCalls {
  readonly control: WebCallControl;
  readonly #options: WebCallsOptions;
  readonly #sockets = new Map<CallId, WebSocket>();

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

  #attempt(callId: CallId, work: () => Promise<unknown>): void {
    work().catch((error: unknown) => {
      this.#options.log.warn({ callId, error }, 'the end of a call in a browser could not be written down');
    });
  }
}
