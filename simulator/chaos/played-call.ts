// One call of a world of chaos, played at its carrier, and read from the carrier's wire and the stores when all is over.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallId } from '../../shared/call/call.ts';
import type { CallEvent } from '../../shared/call/call-event.ts';
import type { TalkTicket } from '../../shared/console-api.ts';
import type { Stores } from '../../shared/stores/stores.ts';
import { WebPage } from '../browser/web-page.ts';
import type { AnsweringMachine } from '../caller/answering-machine.ts';
import { createPerson, type Person } from '../caller/person.ts';
import type { WireRecord } from '../scenarios/carrier-leg.ts';
import { createMachine } from './desk.ts';
import type { ChaosWorld } from './fault.ts';
import { ObservedPhone } from './observed-phone.ts';
import { readCarrierWire, readModelWire } from './wires.ts';
import type { CallPlan } from './world-plan.ts';
import type { CallRecord, SocketSpan, WireCut } from './world-record.ts';

/** As a client does that wants its call: the same order again, some times. */
const orderTries = 6;
const orderAgainMs = 3_000;
const orderWithinMs = 15_000;
/** The longest of all: everything that a person waits for, over a line that fails. */
const patienceMs = 300_000;

export class PlayedCall {
  readonly plan: CallPlan;
  readonly phone: ObservedPhone;
  readonly person: Person | AnsweringMachine;
  #callId: CallId | undefined;
  readonly #world: ChaosWorld;

  static async create(world: ChaosWorld, plan: CallPlan): Promise<PlayedCall> {
    const phones: ObservedPhone[] = [];
    const person =
      plan.pickup === 'machine' && plan.direction === 'outbound'
        ? await createMachine(world)
        : await createPerson({
            script: plan.script,
            speak: (text) => world.standIns.voice.speak(text),
            onEvent: (event) => phones[0]?.note(event),
          });
    const phone = new ObservedPhone(person);
    phones.push(phone);
    return new PlayedCall(world, plan, person, phone);
  }

  private constructor(world: ChaosWorld, plan: CallPlan, person: Person | AnsweringMachine, phone: ObservedPhone) {
    this.#world = world;
    this.plan = plan;
    this.person = person;
    this.phone = phone;
  }

  /** Until the carrier has it no more. */
  async play(): Promise<void> {
    const { startsMs, direction, number, carrier, pickup, answersAfterMs } = this.plan;
    const { acs, twilio } = this.#world.standIns;
    await sleep(startsMs);
    const { phone } = this;
    if (carrier === 'web') await this.#openPage();
    else if (direction === 'outbound') {
      const { phones } = carrier === 'acs' ? acs : twilio;
      const isPickedUp = pickup === 'answers' || pickup === 'machine';
      phones.set(number, isPickedUp ? { kind: 'answers', afterMs: answersAfterMs, phone } : { kind: pickup });
      await this.#order();
    } else if (carrier === 'acs') acs.ring({ from: number, phone });
    else twilio.ring({ from: number, to: [...twilio.numbers.keys()][0]!, phone });
    for (let waitedMs = 0; waitedMs < patienceMs && this.#isOpen; waitedMs += 500) await sleep(500);
  }

  async #order(): Promise<void> {
    const { number: to, carrier, model } = this.plan;
    for (let n = 0; n < orderTries; n++) {
      const asked = this.#world.ask('/api/call', { to, carrier, model, idempotency_key: `order-${to.slice(1)}` });
      const response = await Promise.race([asked.catch(() => undefined), sleep(orderWithinMs)]);
      if (response && response.status < 500 && response.status !== 429) return;
      await sleep(orderAgainMs);
    }
  }

  /** As somebody does who wants to talk: once more, some times, where it does not begin. */
  async #openPage(): Promise<void> {
    const { model, number } = this.plan;
    for (let n = 0; n < orderTries; n++) {
      const asked = this.#world.ask('/api/talk', { model });
      const response = await Promise.race([asked.catch(() => undefined), sleep(orderWithinMs)]);
      if (response?.status === 201) {
        const ticket = (await response.json()) as TalkTicket;
        this.#callId = ticket.call_id as CallId;
        const tellHungUp = () => this.#tellHungUp(ticket);
        const page = new WebPage({ ...ticket, phone: this.phone, faults: this.#world.pageFaults, tellHungUp });
        this.#world.pages.set(number, page);
        return;
      }
      await sleep(orderAgainMs);
    }
  }

  async #tellHungUp({ protocols }: TalkTicket): Promise<boolean> {
    const asked = this.#world.ask('/api/talk/hang-up', { protocols });
    return (await Promise.race([asked, sleep(orderWithinMs)]))?.ok ?? false;
  }

  get #page(): WebPage | undefined {
    return this.#world.pages.get(this.plan.number);
  }

  get #atAcs() {
    return this.#world.standIns.acs.calls.filter(({ number }) => number === this.plan.number);
  }

  get #atTwilio() {
    const { number } = this.plan;
    return this.#world.standIns.twilio.calls.filter(({ options: { from, to } }) => from === number || to === number);
  }

  get #isOpen(): boolean {
    return (
      this.#atAcs.some(({ end }) => !end) || this.#atTwilio.some(({ isLive }) => isLive) || this.#page?.isOver === false
    );
  }

  /** `findEvents`: by the number, or the carrier's name of the call. */
  async read(stores: Stores, findEvents: (name: string) => readonly CallEvent[] | undefined): Promise<CallRecord> {
    const { plan, phone } = this;
    const names = [
      plan.number,
      ...this.#atAcs.map(({ callConnectionId }) => callConnectionId),
      ...this.#atTwilio.map(({ sid }) => sid),
    ];
    const found = names.map(findEvents).find((events) => events !== undefined);
    const written = (this.#callId ? await stores.stream.read(this.#callId) : found) ?? [];
    const kept = written[0] && (await stores.history.find(written[0].callId));
    const { events, history } = this.#world.trueTimes.correct(written, kept);
    const end = await this.#findEnd();
    return {
      plan,
      dials: this.#atAcs.length + this.#atTwilio.length,
      ...(phone.line && { line: phone.line }),
      ...(phone.hungUpAtMs !== undefined && { hungUpAtMs: phone.hungUpAtMs }),
      isOpen: this.#isOpen,
      ...(end && { endedBy: end }),
      sockets: this.#findSockets(),
      transfers: [...this.#atAcs, ...this.#atTwilio].flatMap(({ transfers }) =>
        transfers.map(({ fromMs, toMs = Number.POSITIVE_INFINITY }) => ({ fromMs, toMs })),
      ),
      cuts: this.wires.flatMap(readCuts),
      wire: [...this.wires.flatMap(readCarrierWire), ...this.#readModelWire(events)],
      sounds: [...phone.sounds, ...this.#atTwilio.flatMap(({ sayings }) => sayings)].toSorted(
        (a, b) => a.fromMs - b.fromMs,
      ),
      said: phone.said,
      pressedAtMs: phone.pressedAtMs,
      events,
      ...(history && { history }),
    };
  }

  async #findEnd(): Promise<CallRecord['endedBy']> {
    if (this.#page?.isOver) return this.phone.hungUpAtMs === undefined ? 'us' : 'person';
    const { end } = this.#atAcs.at(-1) ?? {};
    if (end?.by === 'transfer') return 'transfer';
    if (end) return end.by === 'phone' ? 'person' : end.by === 'application' ? 'us' : 'carrier';
    const call = this.#atTwilio.at(-1);
    if (!call || call.isLive) return undefined;
    const { by } = await call.ended;
    return by === 'caller' ? 'person' : by === 'application' ? 'us' : 'carrier';
  }

  #readModelWire(events: readonly CallEvent[]) {
    const epochMs = Date.now() - performance.now();
    const words = events.flatMap((event) =>
      event.type === 'turn-finished' && event.role === 'caller' ? [{ text: event.text, atMs: event.at - epochMs }] : [],
    );
    return readModelWire(this.#world.standIns.realtime.sessions, words);
  }

  get wires(): readonly WireRecord[] {
    return [
      ...this.#atAcs.map(({ media: { frames, stops, invalidMessages } }) => {
        const bytesPerMs = frames[0]?.bytes === 960 ? 48 : 32;
        return { frames, stops, invalidMessages, bytesPerMs };
      }),
      ...this.#atTwilio.flatMap(({ streams }) =>
        streams.map(({ received: frames, clears: stops, invalidMessages }) => {
          return { frames, stops, invalidMessages, bytesPerMs: 8 };
        }),
      ),
      ...(this.#page
        ? [{ frames: this.#page.received, stops: this.#page.clears, invalidMessages: 0, bytesPerMs: 48 }]
        : []),
    ];
  }

  #findSockets(): SocketSpan[] {
    const told = [
      ...this.#atAcs.map(({ media }) => media.events.map(({ type, atMs }) => ({ type: type as string, atMs }))),
      ...this.#atTwilio.flatMap(({ streams }) =>
        streams.map(({ events }) => events.map(({ event, atMs }) => ({ type: event as string, atMs }))),
      ),
    ];
    const ofPage = this.#page?.sockets.map(({ fromMs, toMs = performance.now() }) => ({ fromMs, toMs })) ?? [];
    return told
      .flatMap((events) =>
        events.flatMap(({ type, atMs }, index) => {
          if (type !== 'opened' && type !== 'reopened') return [];
          const toMs = events[index + 1]?.atMs ?? this.phone.toMs ?? performance.now();
          return [{ fromMs: atMs, toMs }];
        }),
      )
      .concat(ofPage)
      .sort((a, b) => a.fromMs - b.fromMs);
  }
}

function readCuts({ frames, stops, bytesPerMs }: WireRecord): WireCut[] {
  return stops.map(({ atMs, droppedBytes, framesAfter }, index) => {
    const late = new Set(framesAfter);
    const afterMs = stops[index - 1]?.atMs ?? Number.NEGATIVE_INFINITY;
    const sent = frames.filter((frame) => frame.atMs > afterMs && frame.atMs <= atMs && !late.has(frame));
    return {
      atMs,
      droppedMs: droppedBytes / bytesPerMs,
      frames: sent.map((frame) => ({ atMs: frame.atMs, lengthMs: frame.bytes / bytesPerMs })),
    };
  });
}
