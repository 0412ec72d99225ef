// A conference at the Twilio stand-in: calls that hear each other, from the first that enters to the one that ends it.
import { createUnrulyDelivery, type UnrulyDelivery } from '../delivery/unruly-delivery.ts';
import { MixingRoom, type RoomSeat } from '../line/mixing-room.ts';
import type { PhoneLine } from '../line/phone-line.ts';
import { createSid, type TwilioContext } from './twilio-context.ts';
import { postWebhook } from './twilio-webhook.ts';
import type { ConferenceOrder } from './twiml-runner.ts';

type Form = Readonly<Record<string, string>>;

/** By the name that TwiML asks for them, which is half of what they are told by. */
const eventNames = {
  join: 'participant-join',
  leave: 'participant-leave',
  start: 'conference-start',
  end: 'conference-end',
} as const;
type EventKind = keyof typeof eventNames;

/** Between TwiML and the sound of the room. */
const enterMs = 200;

export interface ConferenceMember {
  readonly callSid: string;
  readonly line: PhoneLine | undefined;
  readonly order: ConferenceOrder;
  /** Plays what the waiting hear, again and again, until the signal aborts. */
  wait(signal: AbortSignal): Promise<void>;
}

interface Seated {
  readonly member: ConferenceMember;
  readonly seat: RoomSeat;
  readonly waiting: AbortController;
  readonly left: () => void;
}

export class TwilioConference {
  readonly sid = createSid('CF');
  readonly #context: TwilioContext;
  readonly #name: string;
  readonly #room = new MixingRoom();
  readonly #seated = new Map<string, Seated>();
  readonly #delivery: UnrulyDelivery<Form>;
  /** Of who came first; what others want told is not listened to. */
  readonly #first: ConferenceOrder;
  readonly #onEnded: () => void;
  #sequenceNumber = 0;
  #hasStarted = false;
  #sent: Promise<void> = Promise.resolve();

  constructor(context: TwilioContext, first: ConferenceOrder, onEnded: () => void) {
    this.#context = context;
    this.#name = first.room;
    this.#first = first;
    this.#onEnded = onEnded;
    const send = (forms: readonly Form[]) => {
      for (const form of forms) this.#sent = this.#sent.then(() => this.#post(form));
    };
    this.#delivery = createUnrulyDelivery({ faults: context.faults.webhooks, timers: context.timers, send });
  }

  get callSids(): readonly string[] {
    return [...this.#seated.keys()];
  }

  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** Resolves when the member has left, or the conference is over. */
  async enter(member: ConferenceMember, signal: AbortSignal): Promise<void> {
    await this.#context.timers.sleep(enterMs);
    if (signal.aborted) {
      if (this.#seated.size === 0) this.#onEnded();
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const seated = { member, seat: this.#room.enter(), waiting: new AbortController(), left: resolve };
    this.#seated.set(member.callSid, seated);
    signal.addEventListener('abort', () => this.#leave(member.callSid), { once: true });
    this.#tell('join', member);
    this.#start(seated);
    await promise;
  }

  /** Nobody is alone in a conference that has started: it starts with the second who is in it. */
  #start(newcomer: Seated): void {
    const all = [...this.#seated.values()];
    const mayStart = all.length > 1 && all.some(({ member }) => member.order.startsOnEnter);
    if (!this.#hasStarted && !mayStart) {
      if (!newcomer.member.order.startsOnEnter) void newcomer.member.wait(newcomer.waiting.signal);
      return;
    }
    if (!this.#hasStarted) this.#tell('start', newcomer.member);
    this.#hasStarted = true;
    for (const { member, seat, waiting } of all) {
      waiting.abort();
      member.line?.attach(seat);
    }
  }

  #leave(callSid: string): void {
    const seated = this.#take(callSid);
    if (!seated) return;
    this.#tell('leave', seated.member);
    if (seated.member.order.endsOnExit) for (const other of this.callSids) this.#take(other);
    if (this.#seated.size > 0) return;
    this.#tell('end', seated.member);
    this.#delivery.release();
    this.#onEnded();
  }

  #take(callSid: string): Seated | undefined {
    const seated = this.#seated.get(callSid);
    if (!seated) return undefined;
    this.#seated.delete(callSid);
    seated.waiting.abort();
    seated.seat.leave();
    seated.member.line?.attach(undefined);
    seated.left();
    return seated;
  }

  #tell(kind: EventKind, { callSid, order }: ConferenceMember): void {
    const sequenceNumber = String(++this.#sequenceNumber);
    if (this.#first.statusCallback === undefined || !this.#first.statusEvents.includes(kind)) return;
    const isOfOne = kind === 'join' || kind === 'leave';
    this.#delivery.push(eventNames[kind], {
      AccountSid: this.#context.accountSid,
      ConferenceSid: this.sid,
      FriendlyName: this.#name,
      SequenceNumber: sequenceNumber,
      StatusCallbackEvent: eventNames[kind],
      Timestamp: new Date().toUTCString().replace('GMT', '+0000'),
      ...(isOfOne && {
        CallSid: callSid,
        Muted: 'false',
        Hold: 'false',
        Coaching: 'false',
        StartConferenceOnEnter: String(order.startsOnEnter),
        EndConferenceOnExit: String(order.endsOnExit),
      }),
    });
  }

  async #post(form: Form): Promise<void> {
    try {
      const { status } = await postWebhook(this.#context, this.#first.statusCallback!, form);
      if (status >= 400) this.#context.warn(15003, form.CallSid ?? '', `conference callback answered ${status}`);
    } catch (error) {
      this.#context.warn(15003, form.CallSid ?? '', String(error));
    }
  }
}
