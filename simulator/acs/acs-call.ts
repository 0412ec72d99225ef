// One call at the ACS stand-in: its phases, its phone and its stream, from the first ring to the end.
import { randomBytes, randomUUID } from 'node:crypto';
import type { Phone } from '../caller/phone.ts';
import { type FarEnd, PhoneLine } from '../line/phone-line.ts';
import type { StereoTape } from '../line/stereo-tape.ts';
import { AcsCallEvents, listParticipants, type Participant } from './acs-call-events.ts';
import { AcsCallMedia } from './acs-call-media.ts';
import { type AcsCallPhase, type AcsCallStep, acsPhaseNames, nextAcsPhase } from './acs-call-phase.ts';
import type { CallRequest, Operation } from './acs-call-request.ts';
import type { CallbackRecord } from './acs-callback-sender.ts';
import type { AcsContext } from './acs-context.ts';
import { AcsGuests } from './acs-guests.ts';
import { formatApplication, formatParty } from './acs-identifier.ts';
import { AcsMediaLog } from './acs-media-log.ts';
import { AcsPrompts } from './acs-prompts.ts';
import { type AcsResult, acsResults } from './acs-result.ts';
import { ringMs, ringUp, verdictMs } from './acs-ringing.ts';
import { AcsTones } from './acs-tones.ts';

export interface AcsCallEnd {
  readonly by: 'phone' | 'application' | 'transfer' | 'moved' | 'no-answer' | 'refused' | 'service';
  readonly code: number;
  readonly subCode: number;
}

export interface OperationRecord {
  readonly name: string;
  readonly body: unknown;
  readonly atMs: number;
}

export interface AcsCallOptions {
  readonly direction: 'inbound' | 'outbound';
  /** Of the phone at the far end. */
  readonly number: string;
  /** The line that was rung or is shown; the resource's own number if left out. */
  readonly line?: string;
  readonly displayName?: string;
}

/** From the answer to CallConnected; up to 0.7 s was seen. */
const connectMs = 150;
const maxOperations = 500;

export class AcsCall {
  readonly callConnectionId = randomUUID();
  readonly correlationId = randomUUID();
  readonly serverCallId = randomBytes(60).toString('base64');
  readonly direction: 'inbound' | 'outbound';
  readonly number: string;
  readonly line: string;
  readonly displayName: string;
  readonly media = new AcsMediaLog();
  readonly prompts = new AcsPrompts();
  readonly operations: OperationRecord[] = [];
  /** While it rang another phone for the caller, who hears nobody then; by performance.now(). */
  readonly transfers: { readonly fromMs: number; toMs?: number }[] = [];
  readonly events: AcsCallEvents;
  readonly tones: AcsTones;
  /** Rejects when the call ends before it is connected. */
  readonly connected: Promise<void>;
  readonly ended: Promise<AcsCallEnd>;
  /** Phones that were added or moved here. */
  readonly guests = new AcsGuests(() => this.#onGuestLeft());
  readonly #context: AcsContext;
  readonly #connected = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<AcsCallEnd>();
  readonly #streaming: AcsCallMedia;
  #phase: AcsCallPhase;
  #end: AcsCallEnd | undefined;
  #request: CallRequest | undefined;
  /** Rings, or would have. */
  #dialled: Phone | undefined;
  #phoneLine: PhoneLine | undefined;
  /** The phone with which the call began is in it. */
  #hasFirst = false;
  #stopRinging = () => {};

  constructor(
    context: AcsContext,
    { direction, number, line = context.phoneNumber, displayName = '' }: AcsCallOptions,
  ) {
    this.#context = context;
    this.direction = direction;
    this.number = number;
    this.line = line;
    this.displayName = displayName;
    this.#phase = direction === 'inbound' ? 'ringing' : 'dialling';
    this.connected = this.#connected.promise;
    this.connected.catch(() => {});
    this.ended = this.#ended.promise;
    this.events = new AcsCallEvents(context, this);
    this.tones = new AcsTones(this.events);
    const { callConnectionId, correlationId, events, media: log } = this;
    this.#streaming = new AcsCallMedia({ context, callConnectionId, correlationId, number, log, events });
  }

  get phase(): AcsCallPhase {
    return this.#phase;
  }

  /** Undefined while the call is there. */
  get end(): AcsCallEnd | undefined {
    return this.#end;
  }

  get callbacks(): readonly CallbackRecord[] {
    return this.events.records;
  }

  get participants(): readonly Participant[] {
    return listParticipants(this.numbers, this.#context.applicationRawId);
  }

  /** Of all phones in the call. */
  get numbers(): readonly string[] {
    return [...(this.#hasFirst ? [this.number] : []), ...this.guests.numbers];
  }

  /** The body of create, answer and get. */
  get properties(): Record<string, unknown> {
    const { applicationRawId } = this.#context;
    const [application, phone] = [formatApplication(applicationRawId), formatParty(this.number)];
    const inbound = this.direction === 'inbound';
    return {
      callConnectionId: this.callConnectionId,
      serverCallId: this.serverCallId,
      source: inbound ? phone : application,
      targets: [inbound ? formatParty(this.line) : phone],
      callConnectionState: acsPhaseNames[this.#phase],
      callbackUri: this.#request?.callbackUri,
      correlationId: this.correlationId,
      ...(inbound
        ? { answeredBy: { id: applicationRawId }, answeredFor: { value: this.line } }
        : this.line.startsWith('+') && { sourceCallerIdNumber: { value: this.line } }),
      ...(this.#request?.mediaStreamingOptions && {
        mediaStreamingSubscription: {
          id: this.correlationId,
          state: this.#streaming.leg ? 'active' : 'inactive',
          subscribedContentTypes: ['audio'],
        },
      }),
    };
  }

  /** A caller waits for the application to answer. */
  ring(phone: Phone): void {
    this.#attach(phone);
    this.#stopRinging = this.#context.timers.after(ringMs, () => this.finish('no-answer', acsResults.ringTimeout));
  }

  answer(request: CallRequest): void {
    this.#stopRinging();
    this.#take(request);
    this.step('answered');
    this.#context.timers.after(connectMs, () => this.#establish());
  }

  /** The application rings a phone. */
  dial(request: CallRequest, refusal: AcsResult | undefined): void {
    this.#take(request);
    const { timers, phones } = this.#context;
    const refuse = (result: AcsResult) => this.finish('refused', result);
    const pickup = phones.get(this.number);
    if (pickup?.kind === 'answers') this.#dialled = pickup.phone;
    if (refusal) {
      timers.after(verdictMs, () => refuse(refusal));
      return;
    }
    ringUp(this.#context, { from: this.line, to: this.number, timeoutMs: ringMs }, refuse, (phone) => {
      if (!this.step('answered')) return;
      this.#attach(phone);
      timers.after(connectMs, () => this.#establish());
    });
  }

  /** False: the call is not where this step begins, and nothing changed. */
  step(step: AcsCallStep): boolean {
    const next = nextAcsPhase(this.#phase, step);
    if (!next) return false;
    this.#phase = next;
    if (step === 'transfer-started') this.transfers.push({ fromMs: performance.now() });
    if (step === 'transfer-failed') this.transfers.at(-1)!.toMs = performance.now();
    return true;
  }

  /** Both directions of the call's own phone. */
  tapeTo(tape: StereoTape): void {
    this.#phoneLine?.record(tape);
  }

  record(name: string, body: unknown): void {
    this.operations.push({ name, body, atMs: performance.now() });
    if (this.operations.length > maxOperations) this.operations.shift();
  }

  startMedia(operation: Operation): void {
    this.#streaming.start(this.#request?.mediaStreamingOptions, operation);
  }

  stopMedia(operation: Operation): void {
    this.#streaming.stop(operation);
  }

  /** For tests: the media socket breaks, the call goes on. */
  dropMedia(): void {
    this.#streaming.leg?.socket?.drop();
  }

  /** For tests: the application gets nothing for so long, and then all of it at once. */
  stallMedia(ms: number): void {
    this.#streaming.leg?.socket?.stallFor(ms);
  }

  /** For tests: the media socket stays open, but nothing goes through it any more. */
  deadenMedia(): void {
    this.#streaming.leg?.socket?.goDead();
  }

  /** For tests: the same, and the service notices: it takes the stream for lost, while the application's socket is still open. */
  abandonMedia(): void {
    this.#streaming.leg?.abandonSocket();
  }

  hangUp(): void {
    const dialling = this.#phase === 'dialling';
    this.finish('application', dialling ? acsResults.cancelled : acsResults.endedByApplication);
  }

  /** The first end stands. With `keepPhone` the far end stays on the line and is handed back. */
  finish(by: AcsCallEnd['by'], result: AcsResult, keepPhone = false): Phone | undefined {
    const phase = this.#phase;
    if (!this.step('ended')) return undefined;
    this.#stopRinging();
    this.#end = { by, code: result.code, subCode: result.subCode };
    this.#streaming.close();
    this.prompts.cancel();
    this.tones.stop(result);
    // CreateCallFailed comes without the operationContext, as recorded from the live service.
    if (phase === 'dialling') {
      this.events.emit('CreateCallFailed', {}, result);
      this.#dialled?.lineClosed();
    }
    if (phase === 'connecting' && this.direction === 'inbound')
      this.events.emit('AnswerFailed', {}, result, this.#operation);
    this.events.emit('CallDisconnected', {}, result, this.#operation);
    this.guests.close();
    const released = keepPhone ? this.#phoneLine?.release() : undefined;
    if (!keepPhone) this.#phoneLine?.close();
    this.#connected.reject(new Error(`the call ended before it was connected: ${result.code}/${result.subCode}`));
    this.#ended.resolve(this.#end);
    return released;
  }

  /** A phone leaves this call for another one, which goes on with it. Whoever moves the last one ends the call. */
  release(number: string): Phone | undefined {
    if (this.#phase !== 'connected') return undefined;
    if (number !== this.number) return this.guests.release(number);
    if (!this.#hasFirst) return undefined;
    this.#hasFirst = false;
    return this.#phoneLine?.release();
  }

  /** After a phone left: with nobody in it a call is over. */
  settle(by: AcsCallEnd['by'], result: AcsResult): void {
    if (this.numbers.length === 0) this.finish(by, result);
    else this.events.emitParticipants(this.participants);
  }

  get #operation(): Operation {
    return { operationContext: this.#request?.operationContext };
  }

  #take(request: CallRequest): void {
    this.#request = request;
    this.events.callbackUri = request.callbackUri;
  }

  #attach(phone: Phone): void {
    this.#phoneLine = new PhoneLine(phone, () => this.#onHangUp());
    this.#phoneLine.attach(this.#application);
  }

  /** What the phone talks with: the stream, over which the service plays its own prompts. */
  readonly #application: FarEnd = {
    beat: (spoken, keys) => {
      const { leg } = this.#streaming;
      leg?.sendFrame(spoken);
      if (keys) {
        leg?.sendKeys(keys);
        this.tones.press(keys);
      }
      const heard = leg?.takePlayback() ?? new Int16Array(spoken.length);
      this.prompts.mixInto(heard);
      this.guests.mix(spoken, heard);
      return heard;
    },
  };

  #establish(): void {
    if (!this.step('established')) return;
    this.#hasFirst = true;
    const emitConnected = () => this.events.emit('CallConnected', {}, acsResults.ok, this.#operation);
    if (this.#context.faults.callbacks.connectedFirst) emitConnected();
    this.events.emitParticipants(this.participants);
    if (!this.#context.faults.callbacks.connectedFirst) emitConnected();
    if (this.#request?.mediaStreamingOptions?.startMediaStreaming) this.startMedia({});
    this.#phoneLine?.connect();
    this.#connected.resolve();
  }

  #onGuestLeft(): void {
    this.settle('phone', acsResults.endedByCallee);
  }

  #onHangUp(): void {
    if (this.#hasFirst && this.guests.numbers.length > 0) {
      this.#hasFirst = false;
      this.#phoneLine?.close();
      this.events.emitParticipants(this.participants);
      return;
    }
    const through = this.#phase === 'connected' || this.#phase === 'transferring';
    if (this.direction === 'outbound') this.finish('phone', acsResults.endedByCallee);
    else this.finish('phone', through ? acsResults.endedByCaller : acsResults.callerGaveUp);
  }
}
