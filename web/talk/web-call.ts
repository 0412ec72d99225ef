// A call from this page over the bridge's WebSocket: begun by the API, kept through losses of the network, and ended.
import type { TalkTicket } from '../../shared/console-api.ts';
import { ApiError, ask } from '../api-client.ts';
import { VoiceDevices } from './voice-devices.ts';

export type TalkState = 'asking' | 'connecting' | 'talking' | 'reconnecting' | 'ended' | 'failed';

export interface TalkEvents {
  onState(state: TalkState, problem?: string): void;
  onCall(callId: string): void;
  onLevel(side: 'caller' | 'agent', level: number): void;
  onMicrophone(hasOne: boolean): void;
}

export interface TalkOrder {
  readonly agent?: string | undefined;
  readonly model?: string | undefined;
  readonly deviceId?: string | undefined;
}

type BridgeMessage = { type: 'clear'; clear: number } | { type: 'manner'; manner: 'plain' | 'soft' | 'paused' };

const firstPauseMs = 250;
const longestPauseMs = 2_000;
/** The bridge keeps a call without its socket for ten seconds. */
const giveUpMs = 12_000;
/** What the bridge closes with when the call is over. */
const overCode = 1000;

const microphoneProblems: Readonly<Record<string, string>> = {
  NotAllowedError: 'This page may not use the microphone. Allow it in the address bar, and try again.',
  NotFoundError: 'No microphone was found. Plug one in, and try again.',
  NotReadableError: 'The microphone is used by another program.',
  OverconstrainedError: 'That microphone is not there any more. Choose another one.',
};

export class WebCall {
  readonly #events: TalkEvents;
  #devices: VoiceDevices | undefined;
  #ticket: TalkTicket | undefined;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lostAt: number | undefined;
  #pauseMs = firstPauseMs;
  #isOver = false;
  readonly #leave = () => this.hangUp();

  constructor(order: TalkOrder, events: TalkEvents) {
    this.#events = events;
    globalThis.addEventListener('pagehide', this.#leave);
    void this.#start(order);
  }

  set isMuted(isMuted: boolean) {
    if (this.#devices) this.#devices.isMuted = isMuted;
  }

  async useMicrophone(deviceId: string | undefined): Promise<void> {
    await this.#devices?.useMicrophone(deviceId);
  }

  pressKey(digit: string): void {
    this.#tell({ type: 'key', digit });
  }

  /** Idempotent. */
  hangUp(): void {
    this.#tell({ type: 'hang-up' });
    this.#end('ended');
  }

  async #start({ agent, model, deviceId }: TalkOrder): Promise<void> {
    this.#events.onState('asking');
    try {
      const devices = await VoiceDevices.open(deviceId, {
        onFrame: (frame) => this.#sendFrame(frame),
        onPlayed: ({ clear, bytes }) => this.#tell({ type: 'played', clear, bytes }),
        onLevel: this.#events.onLevel,
        onMicrophone: this.#events.onMicrophone,
      });
      if (this.#isOver) {
        devices.close();
        return;
      }
      this.#devices = devices;
      this.#events.onState('connecting');
      this.#ticket = await ask<TalkTicket>('/api/talk', { agent, model });
      if (this.#isOver) return;
      this.#events.onCall(this.#ticket.call_id);
      this.#connect(this.#ticket);
    } catch (error) {
      this.#end('failed', explain(error));
    }
  }

  #connect({ url, protocols }: TalkTicket): void {
    const socket = new WebSocket(url, protocols);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.onopen = () => {
      // Another leg: it counts from nothing what is played.
      this.#devices?.clear(0);
      this.#lostAt = undefined;
      this.#pauseMs = firstPauseMs;
      this.#events.onState('talking');
    };
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
      if (socket !== this.#socket) return;
      if (typeof data !== 'string') this.#devices?.play(data);
      else this.#obey(JSON.parse(data) as BridgeMessage);
    };
    socket.onclose = ({ code }) => {
      if (socket === this.#socket) this.#onClosed(code);
    };
  }

  #obey(message: BridgeMessage): void {
    if (message.type === 'clear') this.#devices?.clear(message.clear);
    else this.#devices?.change(message.manner);
  }

  #onClosed(code: number): void {
    this.#socket = undefined;
    if (this.#isOver) return;
    if (code === overCode) {
      this.#end('ended');
      return;
    }
    this.#lostAt ??= Date.now();
    if (Date.now() - this.#lostAt > giveUpMs) {
      this.#end('failed', 'The connection was lost, and could not be restored.');
      return;
    }
    this.#events.onState('reconnecting');
    this.#timer = setTimeout(() => this.#connect(this.#ticket!), this.#pauseMs);
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2);
  }

  #sendFrame(frame: ArrayBuffer): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  #tell(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #end(state: 'ended' | 'failed', problem?: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    globalThis.removeEventListener('pagehide', this.#leave);
    this.#devices?.close();
    this.#socket?.close();
    this.#events.onState(state, problem);
  }
}

function explain(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  const name = error instanceof DOMException ? error.name : '';
  return microphoneProblems[name] ?? 'The call could not begin.';
}
