// The page's socket at the bridge: opened again through losses of the network, until the call is over.
import { formatRealtimeCall } from '../../shared/call/realtime-call.ts';
import type { TalkTicket } from '../../shared/console-api.ts';

export type BridgeMessage =
  | { type: 'clear'; clear: number }
  | { type: 'manner'; manner: 'plain' | 'soft' | 'paused' }
  /** Of a page that talks with the voice service itself: the agent is there; or the page is to talk here. */
  | { type: 'joined' | 'carry' };

export interface BridgeEvents {
  /** Another leg each time: it counts from nothing what is played. */
  onOpen(): void;
  onAudio(audio: ArrayBuffer): void;
  onMessage(message: BridgeMessage): void;
  /** It is being opened again. */
  onLost(): void;
  /** Comes once: the call is over, or could not be reached again. */
  onEnded(isOver: boolean): void;
}

const firstPauseMs = 250;
const longestPauseMs = 2_000;
/** The bridge keeps a call without its socket for ten seconds. */
const giveUpMs = 12_000;
/** What the bridge closes with when the call is over. */
const overCode = 1000;

export class BridgeSocket {
  readonly #ticket: TalkTicket;
  readonly #events: BridgeEvents;
  #realtimeCallId: string | undefined;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lostAt: number | undefined;
  #pauseMs = firstPauseMs;
  #isClosed = false;

  /** `realtimeCallId`: of the session that the page has with the voice service itself. */
  constructor(ticket: TalkTicket, realtimeCallId: string | undefined, events: BridgeEvents) {
    this.#ticket = ticket;
    this.#realtimeCallId = realtimeCallId;
    this.#events = events;
    this.#connect();
  }

  sendAudio(frame: ArrayBuffer): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  tell(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** The page has no session of its own any more. */
  carry(): void {
    this.#realtimeCallId = undefined;
    this.tell({ type: 'carry' });
  }

  /** Idempotent. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  #connect(): void {
    const { url, protocols } = this.#ticket;
    const beside = this.#realtimeCallId === undefined ? [] : [formatRealtimeCall(this.#realtimeCallId)];
    const socket = new WebSocket(url, [...protocols, ...beside]);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.onopen = () => {
      this.#lostAt = undefined;
      this.#pauseMs = firstPauseMs;
      this.#events.onOpen();
    };
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
      if (socket !== this.#socket) return;
      if (typeof data !== 'string') this.#events.onAudio(data);
      else this.#events.onMessage(JSON.parse(data) as BridgeMessage);
    };
    socket.onclose = ({ code }) => {
      if (socket === this.#socket) this.#onClosed(code);
    };
  }

  #onClosed(code: number): void {
    this.#socket = undefined;
    if (this.#isClosed) return;
    this.#lostAt ??= Date.now();
    const isOver = code === overCode;
    if (isOver || Date.now() - this.#lostAt > giveUpMs) {
      this.#isClosed = true;
      this.#events.onEnded(isOver);
      return;
    }
    this.#events.onLost();
    this.#timer = setTimeout(() => this.#connect(), this.#pauseMs);
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2);
  }
}
