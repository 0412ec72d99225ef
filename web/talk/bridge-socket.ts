// The page's socket at the bridge: opened again through losses of the network, until the call is over.
import { formatRealtimeCall } from '../../shared/call/realtime-call.ts';
import type { TalkTicket } from '../../shared/console-api.ts';

export type BridgeMessage =
  | { type: 'clear'; clear: number }
  | { type: 'manner'; manner: 'plain' | 'soft' | 'paused' }
  /** Of a page that talks with the voice service itself: the agent is there; or the page is to talk here. */
  | { type: 'joined' | 'carry' }
  /** Once a second. */
  | { type: 'here' };

export interface BridgeEvents {
  /** Another leg each time: it counts from nothing what is played. */
  onOpen(): void;
  onAudio(audio: ArrayBuffer): void;
  onMessage(message: Exclude<BridgeMessage, { type: 'here' }>): void;
  /** It is being opened again. */
  onLost(): void;
  /** Comes once: the call is over, could not be reached again, or never was. */
  onEnded(how: 'over' | 'lost' | 'unreached'): void;
}

const firstPauseMs = 250;
const longestPauseMs = 2_000;
/** The bridge keeps a call without its socket for ten seconds. */
const giveUpMs = 12_000;
/**
 * A bridge that answers does so within a fraction of a second, and over a slow mobile network, which takes some round trips, within
 * three. One that hangs, or died a moment ago, never does: the next socket comes to another.
 */
const openWithinMs = 5_000;
/** A bridge that says nothing for so long is out of reach: it gives a sign once a second. No browser tells of that by itself. */
const maxSilenceMs = 3_000;
/** What the bridge closes with when the call is over. */
const overCode = 1000;
/** What no bridge closes with. */
const silentCode = 4000;

export class BridgeSocket {
  readonly #ticket: TalkTicket;
  readonly #events: BridgeEvents;
  #realtimeCallId: string | undefined;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  /** Nobody serves this page: from the beginning, or since the last socket was lost. */
  #awaySinceMs: number | undefined = performance.now();
  #wasOpen = false;
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
    clearTimeout(this.#silence);
    this.#socket?.close();
  }

  #connect(): void {
    const { url, protocols } = this.#ticket;
    const beside = this.#realtimeCallId === undefined ? [] : [formatRealtimeCall(this.#realtimeCallId)];
    const socket = new WebSocket(url, [...protocols, ...beside]);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#expectSign(openWithinMs);
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      this.#expectSign(maxSilenceMs);
      this.#awaySinceMs = undefined;
      this.#wasOpen = true;
      this.#pauseMs = firstPauseMs;
      this.#events.onOpen();
    };
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
      if (socket !== this.#socket) return;
      this.#expectSign(maxSilenceMs);
      if (typeof data !== 'string') this.#events.onAudio(data);
      else this.#receive(JSON.parse(data) as BridgeMessage);
    };
    socket.onclose = ({ code }) => {
      if (socket === this.#socket) this.#onClosed(code);
    };
  }

  #receive(message: BridgeMessage): void {
    if (message.type !== 'here') this.#events.onMessage(message);
  }

  /** Its closing may take a browser as long as the network is away: nobody waits for that. */
  #expectSign(withinMs: number): void {
    clearTimeout(this.#silence);
    const socket = this.#socket;
    this.#silence = setTimeout(() => {
      if (socket !== this.#socket) return;
      socket?.close();
      this.#onClosed(silentCode);
    }, withinMs);
  }

  #onClosed(code: number): void {
    this.#socket = undefined;
    clearTimeout(this.#silence);
    if (this.#isClosed) return;
    this.#awaySinceMs ??= performance.now();
    const isOver = code === overCode;
    if (isOver || performance.now() - this.#awaySinceMs > giveUpMs) {
      this.#isClosed = true;
      this.#events.onEnded(isOver ? 'over' : this.#wasOpen ? 'lost' : 'unreached');
      return;
    }
    this.#events.onLost();
    this.#timer = setTimeout(() => this.#connect(), this.#pauseMs);
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2);
  }
}
