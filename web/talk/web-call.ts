// A call from this page: with the voice service itself where that can be, else through the bridge, which is there in either case.
import { PageTurns } from '../../shared/call/page-turns.ts';
import type { Session, TalkTicket } from '../../shared/console-api.ts';
import { ApiError, ask } from '../api-client.ts';
import { type BridgeMessage, BridgeSocket } from './bridge-socket.ts';
import { DirectLine } from './direct-line.ts';
import { tellHungUp } from './hang-up-notice.ts';
import { VoiceDevices } from './voice-devices.ts';

export type TalkState = 'asking' | 'connecting' | 'trying-again' | 'talking' | 'reconnecting' | 'ended' | 'failed';
export type TalkWay = 'direct' | 'bridge';

export interface TalkEvents {
  onState(state: TalkState, problem?: string): void;
  onCall(callId: string): void;
  /** `notice`: why it is not the way that was wanted. */
  onWay(way: TalkWay, notice?: string): void;
  onLevel(side: 'caller' | 'agent', level: number): void;
  onMicrophone(hasOne: boolean): void;
}

export interface TalkOrder {
  readonly agent?: string | undefined;
  readonly model?: string | undefined;
  readonly way: TalkWay;
  /** It is what somebody wanted, and not only the best guess. */
  readonly isChosen: boolean;
  readonly deviceId?: string | undefined;
}

/** A page that talks past the bridge tells it so often that it lives. */
const signEveryMs = 200;

/** What the service said last may still be on its way, or wait to be played. */
const lastWordsMs = 1_000;

const notices = {
  refused: 'You are talking through the bridge instead.',
  blocked: 'This network lets no direct connection through. You are talking through the bridge instead.',
  lost: 'The direct connection was lost. You are talking through the bridge now.',
} as const;
const endings = {
  lost: 'The connection was lost, and could not be restored.',
  unreached:
    'No agent could be reached, though it was tried several times. Check the network, or try again in a minute.',
} as const;
const microphoneProblems: Readonly<Record<string, string>> = {
  NotAllowedError: 'This page may not use the microphone. Allow it in the address bar, and try again.',
  NotFoundError: 'No microphone was found. Plug one in, and try again.',
  NotReadableError: 'The microphone is used by another program.',
  OverconstrainedError: 'That microphone is not there any more. Choose another one.',
};

export class WebCall {
  readonly #events: TalkEvents;
  #devices: VoiceDevices | undefined;
  #socket: BridgeSocket | undefined;
  #direct: DirectLine | undefined;
  readonly #turns = new PageTurns((turns) => this.#direct && this.#socket?.tell({ type: 'said', turns }));
  #signs: ReturnType<typeof setInterval> | undefined;
  #isJoined = false;
  #hasTalked = false;
  #isMuted = false;
  #isOver = false;
  #ticket: TalkTicket | undefined;
  readonly #leave = () => this.hangUp(true);

  constructor(order: TalkOrder, events: TalkEvents) {
    this.#events = events;
    globalThis.addEventListener('pagehide', this.#leave);
    void this.#start(order);
  }

  set isMuted(isMuted: boolean) {
    this.#isMuted = isMuted;
    if (this.#devices) this.#devices.isMuted = isMuted;
    this.#listen();
  }

  async useMicrophone(deviceId: string | undefined): Promise<void> {
    await this.#devices?.useMicrophone(deviceId);
  }

  /** Idempotent. `isLeaving`: the page is being closed. */
  hangUp(isLeaving = false): void {
    if (this.#ticket && !this.#isOver) void tellHungUp(this.#ticket, isLeaving);
    this.#socket?.tell({ type: 'hang-up' });
    this.#end('ended');
  }

  async #start(order: TalkOrder): Promise<void> {
    this.#events.onState('asking');
    try {
      const devices = await VoiceDevices.open(order.deviceId, {
        onFrame: (frame) => this.#direct ?? this.#socket?.sendAudio(frame),
        onPlayed: ({ clear, bytes }) => this.#socket?.tell({ type: 'played', clear, bytes }),
        onLevel: this.#events.onLevel,
        onMicrophone: this.#events.onMicrophone,
        onTrack: (track) => void this.#direct?.useMicrophone(track).catch(() => this.#carry(notices.lost)),
      });
      this.#devices = devices;
      if (this.#isOver) {
        devices.close();
        return;
      }
      this.#events.onState('connecting');
      const ticket = await this.#findWay(order, devices);
      if (this.#isOver) {
        this.#direct?.close();
        void tellHungUp(ticket, false);
        return;
      }
      this.#ticket = ticket;
      this.#events.onCall(ticket.call_id);
      this.#connect(ticket);
    } catch (error) {
      this.#end('failed', explain(error));
    }
  }

  async #findWay({ agent, model, way, isChosen }: TalkOrder, devices: VoiceDevices): Promise<TalkTicket> {
    let notice: string | undefined;
    if (way === 'direct') {
      const session = await ask<Session>('/api/session', { agent, attach: true }).catch((error: ApiError) => {
        if (isChosen) notice = `${error.message} ${notices.refused}`;
      });
      if (session?.talk) {
        this.#direct = await this.#openDirect(session, devices);
        this.#events.onWay(this.#direct ? 'direct' : 'bridge', this.#direct ? undefined : notices.blocked);
        return session.talk;
      }
    }
    const ticket = await ask<TalkTicket>('/api/talk', { agent, model });
    this.#events.onWay('bridge', notice);
    return ticket;
  }

  async #openDirect(session: Session, devices: VoiceDevices): Promise<DirectLine | undefined> {
    const events = {
      onSound: (stream: MediaStream) => devices.playStream(stream),
      onMessage: (text: string) => this.#turns.receive(text, performance.now()),
      onLost: () => this.#carry(notices.lost),
    };
    return DirectLine.open(session, devices.track, events).catch(() => undefined);
  }

  #connect(ticket: TalkTicket): void {
    this.#signs = setInterval(() => this.#direct && this.#socket?.tell({ type: 'here' }), signEveryMs);
    this.#socket = new BridgeSocket(ticket, this.#direct?.realtimeCallId, {
      onOpen: () => {
        this.#hasTalked = true;
        this.#devices?.clear(0);
        this.#turns.reopened();
        this.#events.onState('talking');
      },
      onAudio: (audio) => this.#devices?.play(audio),
      onMessage: (message) => this.#obey(message),
      onLost: () => {
        this.#turns.lost();
        this.#events.onState(this.#hasTalked ? 'reconnecting' : 'trying-again');
      },
      onEnded: (how) => this.#finish(how),
    });
  }

  #obey(message: Exclude<BridgeMessage, { type: 'here' }>): void {
    switch (message.type) {
      case 'clear':
        this.#devices?.clear(message.clear);
        return;
      case 'manner':
        this.#devices?.change(message.manner);
        return;
      case 'joined':
        this.#isJoined = true;
        this.#turns.joined();
        this.#listen();
        return;
      case 'carry':
        this.#carry(notices.lost);
        return;
      default:
        message satisfies never;
    }
  }

  /** Nobody is to answer there before the agent is, nor hear who is muted. */
  #listen(): void {
    if (this.#direct) this.#direct.isHeard = this.#isJoined && !this.#isMuted;
  }

  #carry(notice: string): void {
    const direct = this.#direct;
    if (!direct || this.#isOver) return;
    this.#direct = undefined;
    direct.close();
    this.#devices?.playStream(undefined);
    this.#socket?.carry();
    this.#events.onWay('bridge', notice);
  }

  #finish(how: 'over' | 'lost' | 'unreached'): void {
    if (how !== 'over') this.#end('failed', endings[how]);
    else if (this.#direct) {
      this.#direct.isHeard = false;
      setTimeout(() => this.#end('ended'), lastWordsMs);
    } else this.#end('ended');
  }

  #end(state: 'ended' | 'failed', problem?: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#signs);
    globalThis.removeEventListener('pagehide', this.#leave);
    this.#direct?.close();
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
