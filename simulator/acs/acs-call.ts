// One call at the ACS stand-in: its phases, its phone, its media socket, and the events that tell the application.
import { randomBytes, randomUUID } from 'node:crypto';
import type { Phone, Pickup } from '../caller/phone.ts';
import { AcsCallMedia } from './acs-call-media.ts';
import { type AcsCallPhase, type AcsCallStep, acsPhaseNames, nextAcsPhase } from './acs-call-phase.ts';
import type { CallRequest, Operation } from './acs-call-request.ts';
import { type CallbackRecord, type CallbackSender, createCallbackSender } from './acs-callback-sender.ts';
import { type AcsContext, acsApiVersion } from './acs-context.ts';
import { formatApplication, formatPhone } from './acs-identifier.ts';
import { AcsLine } from './acs-line.ts';
import { AcsMediaLog } from './acs-media-log.ts';
import { AcsPrompts } from './acs-prompts.ts';
import { toneNames } from './acs-requests.ts';
import { type AcsResult, acsResults } from './acs-result.ts';

export interface AcsCallEnd {
  readonly by: 'phone' | 'application' | 'transfer' | 'no-answer' | 'refused' | 'service';
  readonly code: number;
  readonly subCode: number;
}

export interface OperationRecord {
  readonly name: string;
  readonly body: unknown;
  readonly atMs: number;
}

/** How long a phone rings before the service gives up. */
export const ringMs = 30_000;
/** From the answer to CallConnected; up to 0.7 s was seen. */
const connectMs = 150;
/** From a dial to the network's verdict. */
const verdictMs = 300;
const maxOperations = 500;

export class AcsCall {
  readonly callConnectionId = randomUUID();
  readonly correlationId = randomUUID();
  readonly serverCallId = randomBytes(60).toString('base64');
  readonly direction: 'inbound' | 'outbound';
  /** The number of the phone at the far end. */
  readonly number: string;
  readonly displayName: string;
  readonly media = new AcsMediaLog();
  readonly prompts = new AcsPrompts();
  readonly operations: OperationRecord[] = [];
  /** Rejects when the call ends before it is connected. */
  readonly connected: Promise<void>;
  readonly ended: Promise<AcsCallEnd>;
  readonly participants = new Map<string, Phone | undefined>();
  readonly #context: AcsContext;
  readonly #connected = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<AcsCallEnd>();
  readonly #callbacks: CallbackSender;
  readonly #streaming: AcsCallMedia;
  #phase: AcsCallPhase;
  #end: AcsCallEnd | undefined;
  #request: CallRequest | undefined;
  /** Rings, or would have. */
  #dialled: Phone | undefined;
  #line: AcsLine | undefined;
  #tones: Operation | undefined;
  #toneSequence = 0;
  #participantSequence = 1;
  #stopRinging = () => {};

  constructor(
    context: AcsContext,
    call: { readonly direction: 'inbound' | 'outbound'; readonly number: string; readonly displayName?: string },
  ) {
    this.#context = context;
    this.direction = call.direction;
    this.number = call.number;
    this.displayName = call.displayName ?? '';
    this.#phase = call.direction === 'inbound' ? 'ringing' : 'dialling';
    this.connected = this.#connected.promise;
    this.connected.catch(() => {});
    this.ended = this.#ended.promise;
    const { timers, tokens, signal, faults } = context;
    this.#callbacks = createCallbackSender({ faults: faults.callbacks, timers, tokens, signal });
    const { callConnectionId, correlationId, number, media: log } = this;
    const emit: AcsCall['emit'] = (...event) => this.emit(...event);
    this.#streaming = new AcsCallMedia({ context, callConnectionId, correlationId, number, log, emit });
  }

  get phase(): AcsCallPhase {
    return this.#phase;
  }

  /** Undefined while the call is there. */
  get end(): AcsCallEnd | undefined {
    return this.#end;
  }

  get callbacks(): readonly CallbackRecord[] {
    return this.#callbacks.records;
  }

  /** The body of create, answer and get. */
  get properties(): Record<string, unknown> {
    const { applicationRawId, phoneNumber } = this.#context;
    const [application, phone] = [formatApplication(applicationRawId), formatPhone(this.number)];
    const inbound = this.direction === 'inbound';
    return {
      callConnectionId: this.callConnectionId,
      serverCallId: this.serverCallId,
      source: inbound ? phone : application,
      targets: [inbound ? formatPhone(phoneNumber) : phone],
      callConnectionState: acsPhaseNames[this.#phase],
      callbackUri: this.#request?.callbackUri,
      correlationId: this.correlationId,
      ...(inbound
        ? { answeredBy: { id: applicationRawId }, answeredFor: { value: phoneNumber } }
        : { sourceCallerIdNumber: { value: phoneNumber } }),
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
    this.#request = request;
    this.step('answered');
    this.#context.timers.after(connectMs, () => this.#establish());
  }

  /** The application rings a phone. */
  dial(request: CallRequest, pickup: Pickup, refusal: AcsResult | undefined): void {
    this.#request = request;
    if (pickup.kind === 'answers') this.#dialled = pickup.phone;
    const { timers } = this.#context;
    const refuse = (result: AcsResult, afterMs: number) => timers.after(afterMs, () => this.finish('refused', result));
    if (refusal) {
      refuse(refusal, verdictMs);
      return;
    }
    if (pickup.kind !== 'answers') {
      refuse(resultOfPickup(pickup.kind), pickup.kind === 'no-answer' ? ringMs : verdictMs);
    } else if (pickup.afterMs >= ringMs) {
      refuse(acsResults.ringTimeout, ringMs);
    } else {
      timers.after(pickup.afterMs, () => {
        if (!this.step('answered')) return;
        this.#attach(pickup.phone);
        timers.after(connectMs, () => this.#establish());
      });
    }
  }

  /** False: the call is not where this step begins, and nothing changed. */
  step(step: AcsCallStep): boolean {
    const next = nextAcsPhase(this.#phase, step);
    if (!next) return false;
    this.#phase = next;
    return true;
  }

  record(name: string, body: unknown): void {
    this.operations.push({ name, body, atMs: performance.now() });
    if (this.operations.length > maxOperations) this.operations.shift();
  }

  emit(type: string, data: Record<string, unknown>, result: AcsResult, operation: Operation = {}): void {
    const url = operation.operationCallbackUri ?? this.#request?.callbackUri;
    if (url === undefined) return;
    const { callConnectionId, serverCallId, correlationId } = this;
    const source = `calling/callConnections/${callConnectionId}`;
    this.#callbacks.send(url, {
      id: randomUUID(),
      source,
      type: `Microsoft.Communication.${type}`,
      data: {
        ...data,
        version: acsApiVersion,
        ...(operation.operationContext && { operationContext: operation.operationContext }),
        resultInformation: result,
        callConnectionId,
        serverCallId,
        correlationId,
        publicEventType: `Microsoft.Communication.${type}`,
      },
      time: new Date(this.#context.now()).toISOString().replace('Z', '4567+00:00'),
      specversion: '1.0',
      datacontenttype: 'application/json',
      subject: source,
    });
  }

  emitParticipants(): void {
    const participants = this.listParticipants();
    this.emit('ParticipantsUpdated', { participants, sequenceNumber: this.#participantSequence }, acsResults.ok);
    // The live numbers rise with gaps: 1, 3, 4, 6.
    this.#participantSequence += this.#participantSequence % 3 === 1 ? 2 : 1;
  }

  listParticipants() {
    const ids = [...this.participants.keys()].map((number) => formatPhone(number));
    return [...ids, formatApplication(this.#context.applicationRawId)].map((identifier) => ({
      identifier,
      isMuted: false,
      isOnHold: false,
    }));
  }

  startMedia(operation: Operation): void {
    this.#streaming.start(this.#request?.mediaStreamingOptions, operation);
  }

  stopMedia(operation: Operation): void {
    this.#streaming.stop(operation);
  }

  /** For tests: the media socket breaks, the call goes on. */
  dropMedia(): void {
    this.#streaming.leg?.drop();
  }

  listenForTones(operation: Operation | undefined): void {
    const before = this.#tones;
    this.#tones = operation;
    if (!operation && before) this.emit('ContinuousDtmfRecognitionStopped', {}, acsResults.done, before);
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
    if (this.#tones) this.emit('ContinuousDtmfRecognitionStopped', {}, result, this.#tones);
    // CreateCallFailed comes without the operationContext, as recorded from the live service.
    if (phase === 'dialling') {
      this.emit('CreateCallFailed', {}, result);
      this.#dialled?.lineClosed();
    }
    if (phase === 'connecting' && this.direction === 'inbound') this.emit('AnswerFailed', {}, result, this.#operation);
    this.emit('CallDisconnected', {}, result, this.#operation);
    for (const guest of this.participants.values()) guest?.lineClosed();
    const released = keepPhone ? this.#line?.release() : undefined;
    if (!keepPhone) this.#line?.close();
    this.#connected.reject(new Error(`the call ended before it was connected: ${result.code}/${result.subCode}`));
    this.#ended.resolve(this.#end);
    return released;
  }

  get #operation(): Operation {
    return { operationContext: this.#request?.operationContext };
  }

  #attach(phone: Phone): void {
    this.#line = new AcsLine({
      phone,
      prompts: this.prompts,
      media: () => this.#streaming.leg,
      onKeys: (keys) => this.#onKeys(keys),
      onHangUp: () => this.#onHangUp(),
    });
  }

  #establish(): void {
    if (!this.step('established')) return;
    this.participants.set(this.number, undefined);
    const emitConnected = () => this.emit('CallConnected', {}, acsResults.ok, this.#operation);
    if (this.#context.faults.callbacks.connectedFirst) emitConnected();
    this.emitParticipants();
    if (!this.#context.faults.callbacks.connectedFirst) emitConnected();
    if (this.#request?.mediaStreamingOptions?.startMediaStreaming) this.startMedia({});
    this.#line?.connect();
    this.#connected.resolve();
  }

  #onKeys(keys: string): void {
    if (!this.#tones) return;
    for (const key of keys.toLowerCase()) {
      const tone = toneNames[key as keyof typeof toneNames];
      if (!tone) continue;
      const data = { sequenceId: ++this.#toneSequence, tone };
      this.emit('ContinuousDtmfRecognitionToneReceived', data, acsResults.ok, this.#tones);
    }
  }

  #onHangUp(): void {
    const through = this.#phase === 'connected' || this.#phase === 'transferring';
    if (this.direction === 'outbound') this.finish('phone', acsResults.endedByCallee);
    else this.finish('phone', through ? acsResults.endedByCaller : acsResults.callerGaveUp);
  }
}

export function resultOfPickup(kind: Exclude<Pickup['kind'], 'answers'>): AcsResult {
  switch (kind) {
    case 'busy':
      return acsResults.busy;
    case 'declines':
      return acsResults.declined;
    case 'no-answer':
      return acsResults.noAnswer;
    case 'invalid-number':
      return acsResults.notFound;
    default:
      return kind satisfies never;
  }
}
