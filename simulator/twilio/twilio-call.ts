// One call at the Twilio stand-in: from queued or ringing to its end, running TwiML while it is live.
import type { Phone } from '../caller/phone.ts';
import { PhoneLine } from '../line/phone-line.ts';
import type { StereoTape } from '../line/stereo-tape.ts';
import { TwilioConference } from './twilio-conference.ts';
import { createSid, type TwilioContext } from './twilio-context.ts';
import { dialNumber } from './twilio-dial.ts';
import { TwilioMediaLeg } from './twilio-media-leg.ts';
import type { TwilioMediaLog } from './twilio-media-log.ts';
import { ringPhone } from './twilio-ringing.ts';
import { type CallStatus, TwilioStatusCallbacks } from './twilio-status-callbacks.ts';
import { postWebhook, type WebhookAnswer } from './twilio-webhook.ts';
import {
  type ConferenceOrder,
  type DialOrder,
  type DialOutcome,
  playWhileWaiting,
  runTwiml,
  type TwimlHost,
  type TwimlSource,
} from './twiml-runner.ts';

export interface TwilioCallOptions {
  readonly direction: 'inbound' | 'outbound-api' | 'outbound-dial';
  readonly from: string;
  readonly to: string;
  readonly parentSid?: string;
  readonly source?: TwimlSource;
  readonly statusCallback?: string;
  readonly statusEvents?: readonly string[];
  readonly timeoutSeconds?: number;
  readonly amdCallback?: string;
}

export interface TwilioCallEnd {
  readonly status: CallStatus;
  readonly by: 'caller' | 'application' | 'carrier';
}

/** A document that plays nothing is asked for again and again. */
const leastWaitMs = 100;

const terminal: ReadonlySet<CallStatus> = new Set(['completed', 'busy', 'no-answer', 'failed', 'canceled']);

export class TwilioCall implements TwimlHost {
  readonly sid = createSid('CA');
  readonly options: TwilioCallOptions;
  readonly createdAt = new Date();
  /** Rejects when the call ends unanswered. */
  readonly connected: Promise<void>;
  readonly ended: Promise<TwilioCallEnd>;
  /** One log a stream, in the order they began. */
  readonly streams: TwilioMediaLog[] = [];
  readonly said: string[] = [];
  /** When it was heard, by performance.now(); the stand-in has no voice of its own. */
  readonly sayings: { readonly fromMs: number; readonly toMs: number }[] = [];
  readonly pressed: string[] = [];
  /** While another phone rang for the caller, and the two talked; by performance.now(). */
  readonly transfers: { readonly fromMs: number; toMs?: number }[] = [];
  readonly #context: TwilioContext;
  /** Of the account, by name. */
  readonly #conferences: Map<string, TwilioConference>;
  readonly #callbacks: TwilioStatusCallbacks;
  readonly #resolveConnected: () => void;
  readonly #rejectConnected: (error: Error) => void;
  readonly #resolveEnded: (end: TwilioCallEnd) => void;
  #status: CallStatus = 'queued';
  #line: PhoneLine | undefined;
  #leg: TwilioMediaLeg | undefined;
  /** Of the document that runs now. */
  #document = new AbortController();
  #answeredAtMs: number | undefined;

  constructor(context: TwilioContext, options: TwilioCallOptions, conferences: Map<string, TwilioConference>) {
    this.#context = context;
    this.#conferences = conferences;
    this.options = options;
    this.#callbacks = new TwilioStatusCallbacks(context, options.statusCallback, options.statusEvents ?? ['completed']);
    const connected = Promise.withResolvers<void>();
    this.connected = connected.promise;
    this.connected.catch(() => {});
    this.#resolveConnected = connected.resolve;
    this.#rejectConnected = connected.reject;
    const ended = Promise.withResolvers<TwilioCallEnd>();
    this.ended = ended.promise;
    this.#resolveEnded = ended.resolve;
  }

  get status(): CallStatus {
    return this.#status;
  }

  get isLive(): boolean {
    return !terminal.has(this.#status);
  }

  get durationSeconds(): number {
    return this.#answeredAtMs === undefined ? 0 : Math.round((performance.now() - this.#answeredAtMs) / 1000);
  }

  /** Everything told of this call so far has been answered. */
  get callbacksSettled(): Promise<void> {
    return this.#callbacks.settled;
  }

  /** Inbound: somebody rings our number. */
  ring(phone: Phone): void {
    this.#status = 'ringing';
    this.#line = new PhoneLine(phone, () =>
      this.#end(this.#answeredAtMs !== undefined ? 'completed' : 'no-answer', 'caller'),
    );
    this.#run(this.options.source!);
  }

  /** Outbound: rings the phone of the number, and does what its pickup says. */
  async place(): Promise<void> {
    this.#tell('initiated');
    const timeoutMs = (this.options.timeoutSeconds ?? 60) * 1000;
    const ringing = await ringPhone(this.#context, this.options.to, timeoutMs, {
      onRinging: () => this.#tell('ringing'),
      givenUp: this.ended,
    });
    if (!this.isLive) return;
    if (ringing.status !== 'in-progress') return this.#end(ringing.status, 'carrier', ringing.sipCode);
    this.#line = new PhoneLine(ringing.phone, () => this.#end('completed', 'caller'));
    this.answer();
    this.#detectMachine();
    if (this.options.source) this.#run(this.options.source);
  }

  /** By REST: other TwiML takes over. */
  redirect(source: TwimlSource): void {
    this.#run(source);
  }

  /** By REST. */
  finish(status: 'completed' | 'canceled'): void {
    this.#end(status, 'application');
  }

  /** As if the network between Twilio and the application went away for this stream. */
  dropMedia(): void {
    this.#leg?.socket.drop();
  }

  /** The application gets nothing of the caller for so long, and then all of it at once, as if nothing had been. */
  stallMedia(ms: number): void {
    this.#leg?.socket.stallFor(ms);
  }

  /** The media socket stays open, but nothing goes through it any more. */
  deadenMedia(): void {
    this.#leg?.socket.goDead();
  }

  answer(): void {
    if (!this.isLive || this.#status === 'in-progress') return;
    this.#answeredAtMs = performance.now();
    this.#line?.connect();
    this.#tell('in-progress');
    this.#resolveConnected();
  }

  /** Both directions of the call's own phone. */
  tapeTo(tape: StereoTape): void {
    this.#line?.record(tape);
  }

  hangUp(): void {
    this.#end('completed', 'application');
  }

  reject(reason: string): void {
    this.#end(reason === 'busy' ? 'busy' : 'no-answer', 'application');
  }

  say(text: string, lengthMs: number): void {
    this.said.push(text);
    this.sayings.push({ fromMs: performance.now(), toMs: performance.now() + lengthMs });
  }

  press(digits: string): void {
    this.pressed.push(digits);
  }

  sleep(ms: number): Promise<unknown> {
    return this.#context.timers.sleep(ms);
  }

  async stream(url: string, parameters: Readonly<Record<string, string>>): Promise<void> {
    const leg = new TwilioMediaLeg({ context: this.#context, callSid: this.sid, url, parameters });
    this.#leg = leg;
    this.streams.push(leg.log);
    this.#line?.attach(leg);
    leg.open();
    await leg.ended;
    if (this.#leg === leg) this.#line?.attach(undefined);
  }

  async dial(order: DialOrder): Promise<DialOutcome> {
    const transfer: (typeof this.transfers)[number] = { fromMs: performance.now() };
    this.transfers.push(transfer);
    const outcome = await dialNumber(this.#context, this, order, this.#line);
    transfer.toMs = performance.now();
    return outcome;
  }

  async confer(order: ConferenceOrder): Promise<Readonly<Record<string, string>>> {
    const conferences = this.#conferences;
    const document = this.#document.signal;
    const found = conferences.get(order.room);
    const conference = found ?? new TwilioConference(this.#context, order, () => conferences.delete(order.room));
    if (!found) conferences.set(order.room, conference);
    const enteredMs = performance.now();
    const wait = async (signal: AbortSignal) => {
      while (order.waitUrl && !signal.aborted && this.isLive) {
        await playWhileWaiting(this, order.waitUrl, signal);
        await this.sleep(leastWaitMs);
      }
    };
    await conference.enter({ callSid: this.sid, line: this.#line, order, wait }, document);
    const seconds = Math.round((performance.now() - enteredMs) / 1000);
    return { DialCallStatus: 'answered', DialCallDuration: String(seconds) };
  }

  ask(url: string, fields: Readonly<Record<string, string>>): Promise<WebhookAnswer> {
    return postWebhook(this.#context, url, { ...this.#form(), ...fields });
  }

  warn(code: number, detail: string): void {
    this.#context.warn(code, this.sid, detail);
  }

  #run(source: TwimlSource): void {
    this.#document.abort();
    this.#leg?.stop();
    this.#line?.unbridge();
    this.#document = new AbortController();
    runTwiml(this, source, this.#document.signal).catch((error) => {
      this.warn(11200, String(error));
      this.hangUp();
    });
  }

  #detectMachine(): void {
    const { amdCallback } = this.options;
    if (amdCallback === undefined) return;
    const { answeredBy, afterMs } = this.#context.faults.amd;
    this.#context.timers.after(afterMs, () => {
      if (!this.isLive) return;
      const fields = { AnsweredBy: answeredBy, MachineDetectionDuration: String(afterMs) };
      postWebhook(this.#context, amdCallback, {
        AccountSid: this.#context.accountSid,
        CallSid: this.sid,
        ...fields,
      }).catch((error) => this.warn(11200, String(error)));
    });
  }

  #tell(status: CallStatus, extra: Readonly<Record<string, string>> = {}): void {
    this.#status = status;
    this.#callbacks.tell(status, { ...this.#form(), ...extra });
  }

  #end(status: CallStatus, by: TwilioCallEnd['by'], sipCode?: string): void {
    if (!this.isLive) return;
    const seconds = this.durationSeconds;
    const duration = { CallDuration: String(seconds), Duration: String(Math.ceil(seconds / 60)) };
    this.#tell(status, { ...duration, ...(sipCode && { SipResponseCode: sipCode }) });
    this.#document.abort();
    this.#leg?.stop();
    this.#line?.close();
    this.#rejectConnected(new Error(`the call ended as ${status}`));
    this.#resolveEnded({ status, by });
  }

  #form(): Record<string, string> {
    const { from, to, direction } = this.options;
    const places = ['City', 'State', 'Zip', 'Country'].flatMap((part) =>
      ['From', 'To', 'Caller', 'Called'].map((end): [string, string] => [`${end}${part}`, '']),
    );
    return {
      AccountSid: this.#context.accountSid,
      ApiVersion: '2010-04-01',
      CallSid: this.sid,
      CallStatus: this.#status,
      Direction: direction,
      From: from,
      To: to,
      Caller: from,
      Called: to,
      ...Object.fromEntries(places),
    };
  }
}
