// One live feed of the bridge: opened with a ticket, watched for silence and gaps, and opened again until it is closed.
import type { FeedMessage, LiveMessage } from '../../shared/call/live-message.ts';
import { ApiError, ask } from '../api-client.ts';

export type FeedState = 'connecting' | 'live' | 'reconnecting' | 'offline' | 'refused';

export interface LiveSocketEvents {
  /** The feed begins anew: what is told from now on is told from the beginning. */
  onBegin(): void;
  onMessage(message: LiveMessage): void;
  onState(state: FeedState, problem?: string): void;
}

/** The bridge pings every 15 seconds. */
const maxSilenceMs = 40_000;
const firstPauseMs = 500;
const longestPauseMs = 15_000;

interface Ticket {
  readonly url: string;
  readonly protocols: string[];
}

export class LiveSocket {
  readonly #callId: string | undefined;
  readonly #events: LiveSocketEvents;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #seq = 0;
  #isClosed = false;
  readonly #wake = () => this.#retryNow();

  /** Without a call: of all calls. */
  constructor(callId: string | undefined, events: LiveSocketEvents) {
    this.#callId = callId;
    this.#events = events;
    globalThis.addEventListener('online', this.#wake);
    events.onState('connecting');
    void this.#open();
  }

  /** Idempotent. */
  close(): void {
    this.#isClosed = true;
    globalThis.removeEventListener('online', this.#wake);
    this.#drop();
  }

  async #open(): Promise<void> {
    try {
      const body = this.#callId === undefined ? {} : { call_id: this.#callId };
      const { url, protocols } = await ask<Ticket>('/api/watch-tickets', body);
      if (!this.#isClosed) this.#connect(new WebSocket(url, protocols));
    } catch (error) {
      const isRefused = error instanceof ApiError && (error.status === 401 || error.status === 403);
      if (isRefused) this.#events.onState('refused', error.message);
      else this.#retryLater();
    }
  }

  #connect(socket: WebSocket): void {
    this.#socket = socket;
    this.#watchSilence();
    socket.onopen = () => {
      this.#seq = 0;
      this.#events.onBegin();
    };
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#receive(JSON.parse(String(data)) as FeedMessage);
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#retryLater();
    };
  }

  #receive(message: FeedMessage): void {
    // One is missing: what is shown would be wrong from here on.
    if (message.seq !== this.#seq + 1) {
      this.#retryLater();
      return;
    }
    this.#seq = message.seq;
    this.#watchSilence();
    if (this.#failures > 0 || message.seq === 1) this.#events.onState('live');
    this.#failures = 0;
    if (message.type !== 'ping') this.#events.onMessage(message);
  }

  #watchSilence(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#retryLater(), maxSilenceMs);
  }

  #retryLater(): void {
    this.#drop();
    if (this.#isClosed) return;
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** this.#failures) * (0.5 + Math.random() / 2);
    this.#failures += 1;
    this.#events.onState(navigator.onLine ? 'reconnecting' : 'offline');
    this.#timer = setTimeout(() => void this.#open(), pauseMs);
  }

  #retryNow(): void {
    if (this.#socket || this.#timer === undefined) return;
    this.#drop();
    void this.#open();
  }

  #drop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    this.#timer = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }
}
